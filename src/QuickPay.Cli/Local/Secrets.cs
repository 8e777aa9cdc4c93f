using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using QuickPay.Members;
using QuickPay.Postgres;
using QuickPay.Sessions;

namespace QuickPay.Cli.Local;

/// <summary>The generated secrets of one copy. Made once, kept in files of mode 0600.</summary>
internal sealed class Secrets
{
    private readonly Dictionary<string, string> _passwords;

    private Secrets(string folder, Dictionary<string, string> passwords)
    {
        Folder = folder;
        _passwords = passwords;
    }

    public string Folder { get; }

    /// <summary>EC P-256 private key (PKCS#8 PEM) that signs access tokens.</summary>
    public string TokenSigningKeyFile => Path.Combine(Folder, "token-signing.pem");

    /// <summary>The public half of that key: enough to verify tokens.</summary>
    public string TokenPublicKeyFile => Path.Combine(Folder, "token-verifying.pem");

    /// <summary>64 random bytes as base64: 32 encrypt the data keys, 32 key the index, the remembered PINs and the pepper.</summary>
    public string PersonalDataKeyFile => Path.Combine(Folder, "personal-data.key");

    /// <summary>32 random bytes as base64, the same for all edges: Redis counts under keyed hashes of addresses and phone numbers.</summary>
    public string RateLimitKeyFile => Path.Combine(Folder, "rate-limits.key");

    public string PasswordOf(string account) => _passwords[account];

    public static Secrets LoadOrCreate(string folder, IEnumerable<string> accounts)
    {
        PrivateFile.Folder(folder);
        var passwordsFile = Path.Combine(folder, "passwords.json");
        var passwords = File.Exists(passwordsFile)
            ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(passwordsFile))!
            : [];
        var missing = accounts.Where(account => !passwords.ContainsKey(account)).ToList();
        foreach (var account in missing)
            passwords[account] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        if (missing.Count > 0)
            PrivateFile.Write(passwordsFile, JsonSerializer.Serialize(passwords));

        var secrets = new Secrets(folder, passwords);
        if (!File.Exists(secrets.TokenSigningKeyFile))
        {
            PrivateFile.Write(secrets.TokenSigningKeyFile, SigningKeys.NewSigningKey());
            File.Delete(secrets.TokenPublicKeyFile);
        }
        if (!File.Exists(secrets.TokenPublicKeyFile))
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(secrets.TokenSigningKeyFile));
            PrivateFile.Write(secrets.TokenPublicKeyFile, key.ExportSubjectPublicKeyInfoPem());
        }
        if (!File.Exists(secrets.PersonalDataKeyFile))
            PrivateFile.Write(secrets.PersonalDataKeyFile, PersonalDataKeys.NewKey());
        if (!File.Exists(secrets.RateLimitKeyFile))
            PrivateFile.Write(secrets.RateLimitKeyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        return secrets;
    }

    /// <summary>The passwords in the form that psql and pg_dump read (PGPASSFILE). Returns where they are.</summary>
    public string WritePostgresPasswordFile()
    {
        var file = Path.Combine(Folder, "pgpass");
        PrivateFile.Write(file, string.Concat(PostgresRoles.WithPassword.Select(role => $"*:*:*:{role}:{PasswordOf(role)}\n")));
        return file;
    }

    /// <inheritdoc cref="ScramVerifier" />
    public string ScramVerifierOf(string account) => ScramVerifier.Of(PasswordOf(account));

    /// <summary>A password as Redis keeps it in its access list. 256 random bits need no slow hash.</summary>
    public string RedisHashOf(string account) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PasswordOf(account))));
}
