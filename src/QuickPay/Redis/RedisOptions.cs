using System.ComponentModel.DataAnnotations;

namespace QuickPay.Redis;

/// <summary>Where Redis is and who we are there.</summary>
public sealed class RedisOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Redis";

    /// <summary><c>host:port</c>, several separated by commas: Redis, or its sentinels where <c>SentinelService</c> is given.</summary>
    [Required]
    public string Endpoints { get; init; } = "";

    /// <summary>By which name the sentinels know the primary; empty: the endpoints are Redis itself. The user and its password are the same there.</summary>
    public string SentinelService { get; init; } = "";

    /// <summary>ACL user.</summary>
    [Required]
    public string Username { get; init; } = "";

    /// <summary>Password of the ACL user. Either this or <see cref="PasswordFile"/> must be given.</summary>
    public string Password { get; init; } = "";

    /// <summary>
    /// In place of <c>Password</c>: a file that holds it, and nothing else but an end of line. It is read anew for each connection, so that a password
    /// which is replaced needs no restart; connections that there are stay. Whoever writes it puts the whole file in its place at once.
    /// </summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>PEM file of the only authority whose certificates are believed; the machine's own trust store is not asked.</summary>
    [Required]
    public string RootCertificate { get; init; } = "";

    /// <summary>A command unanswered for this long has failed. Sessions are checked on every call, so this bounds every call.</summary>
    [Range(50, 10_000)]
    public int TimeoutMs { get; init; } = 500;

    /// <summary>
    /// Replicas that must have an opened, refreshed or ended session before the member is told. Fewer within <c>TimeoutMs</c>: the member is
    /// asked to try again.
    /// </summary>
    [Range(0, 5)]
    public int ReplicasToAwait { get; init; }

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
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
        if (!File.Exists(RootCertificate))
        {
            yield return new ValidationResult($"{Section}:RootCertificate: no file at {RootCertificate}.", [nameof(RootCertificate)]);
        }
    }
}
