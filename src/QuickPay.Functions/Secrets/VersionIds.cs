using System.Security.Cryptography;
using System.Text;

namespace QuickPay.Functions.Secrets;

/// <summary>Ids for new values of secrets.</summary>
internal static class VersionIds
{
    /// <summary>Follows from what was seen: of all who saw the same and write, one does.</summary>
    /// <param name="secret">Its ARN.</param>
    /// <param name="seen">The version that counts; null when there is none.</param>
    public static string After(string secret, string? seen) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{secret} {seen}")));
}
