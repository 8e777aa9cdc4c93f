using System.Security.Cryptography;

namespace QuickPay.Postgres;

/// <summary>
/// What PostgreSQL stores of a password (RFC 5803). Computed here, so that the password itself is in no statement: pg_stat_statements and
/// logs keep the texts of CREATE ROLE and ALTER ROLE. Our passwords are plain ASCII and need no SASLprep.
/// </summary>
public static class ScramVerifier
{
    private const int Iterations = 4096;

    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA256, 32);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(storedKey)}:{Convert.ToBase64String(serverKey)}";
    }
}
