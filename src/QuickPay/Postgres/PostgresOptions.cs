using System.ComponentModel.DataAnnotations;

namespace QuickPay.Postgres;

/// <summary>How a host reaches PostgreSQL: over TLS, the server's certificate verified against one CA.</summary>
public sealed class PostgresOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Postgres";

    /// <summary>
    /// All connections of one process to the primary together; more than statistics and posting take, 2 of an API server and <c>Posting:Lanes</c> × (1 + <c>Posting:AbandonedMax</c>).
    /// A worker has two more: by one it leads or stands by, by the other it sums up statistics. An API server has up to 5 to a replica for each
    /// kind of read.
    /// </summary>
    [Range(4, 20)]
    public int ConnectionsMax { get; init; } = 20;

    /// <summary><c>host:port</c>, several separated by commas; the primary among them is found by itself.</summary>
    [Required]
    public string Hosts { get; init; } = "";

    /// <summary>Name of the database.</summary>
    [Required]
    public string Database { get; init; } = "";

    /// <summary>The role, which is one for each kind of process.</summary>
    [Required]
    public string Username { get; init; } = "";

    /// <summary>Password of the role. Either this or <see cref="PasswordFile"/> must be given.</summary>
    public string Password { get; init; } = "";

    /// <summary>
    /// In place of passwords: a file as <c>libpq</c> reads it, with a line <c>host:port:database:role:password</c> for each server and role. It is
    /// read anew for each connection, so that passwords which last for minutes, or are replaced, need no restart; connections that there are stay.
    /// Whoever writes it puts the whole file in its place at once. It counts for <c>Postgres:Replicas</c> too.
    /// </summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>PEM file of the authority that the server's certificate must be from.</summary>
    [Required]
    public string RootCertificate { get; init; } = "";

    /// <summary>
    /// Whether this host serves reads while its database is a standby, as in a second region before its replica is promoted; then
    /// <see cref="Hosts"/> names that one alone. Otherwise a host beside a standby is not ready.
    /// </summary>
    public bool MayBeStandby { get; init; }

    /// <summary>The same servers by another role.</summary>
    public PostgresOptions As(string username, string password) =>
        new()
        {
            ConnectionsMax = ConnectionsMax,
            Hosts = Hosts,
            Database = Database,
            Username = username,
            Password = password,
            PasswordFile = password.Length == 0 ? PasswordFile : "",
            RootCertificate = RootCertificate,
            MayBeStandby = MayBeStandby,
        };

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MayBeStandby && Hosts.Contains(','))
        {
            yield return new ValidationResult(
                $"{Section}:MayBeStandby wants one host in {Section}:Hosts: of several the primary is sought.",
                [nameof(MayBeStandby)]
            );
        }
        if (Password.Length > 0 == PasswordFile.Length > 0)
        {
            yield return new ValidationResult(
                $"Of {Section}:Password and {Section}:PasswordFile one must be given, and not both.",
                [nameof(Password)]
            );
        }
        if (PasswordFile.Length > 0 && !File.Exists(PasswordFile))
        {
            yield return new ValidationResult($"{Section}:PasswordFile: no file at {PasswordFile}.", [nameof(PasswordFile)]);
        }
        if (RootCertificate.Length > 0 && !File.Exists(RootCertificate))
        {
            yield return new ValidationResult($"{Section}:RootCertificate: no file at {RootCertificate}.", [nameof(RootCertificate)]);
        }
    }
}
