using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace QuickPay.Sessions;

/// <summary>Access tokens. Bound from the section <c>Tokens</c> of the settings file.</summary>
public sealed class TokenOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Tokens";

    /// <summary>PEM file with the EC P-256 private key that signs.</summary>
    [Required]
    public string SigningKeyFile { get; set; } = "";

    /// <summary>
    /// PEM files (comma-separated) of keys whose tokens are still believed while they are being replaced: add the new key here on
    /// every server first, then make it the signing key and put the old one here for one token's lifetime.
    /// </summary>
    public string AlsoBelievedKeyFiles { get; set; } = "";

    /// <summary><c>iss</c> of every token.</summary>
    [Required]
    public string Issuer { get; set; } = "";

    /// <summary><c>aud</c> of every token.</summary>
    [Required]
    public string Audience { get; set; } = "";

    /// <summary>Lifetime of an access token. The session behind it may end sooner and is asked on every call.</summary>
    [Range(60, 3600)]
    public int LifetimeSeconds { get; set; } = 900;

    /// <summary>Verified tokens remembered by one server, so that the hot path does no elliptic-curve arithmetic (about 1 KB each).</summary>
    [Range(100, 1_000_000)]
    public int RememberedMax { get; set; } = 20_000;

    internal IEnumerable<string> AlsoBelieved =>
        AlsoBelievedKeyFiles.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    internal sealed class KeysAreReadable : IValidateOptions<TokenOptions>
    {
        public ValidateOptionsResult Validate(string? name, TokenOptions options)
        {
            var failures = new List<string>();
            foreach (var file in options.AlsoBelieved.Prepend(options.SigningKeyFile).Where(file => file.Length > 0))
            {
                try
                {
                    using var key = SigningKeys.Load(file);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
                {
                    failures.Add($"Tokens: {file} is not a readable EC P-256 key in PEM form: {e.Message}");
                }
            }

            return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
        }
    }
}
