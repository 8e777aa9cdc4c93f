using System.ComponentModel.DataAnnotations;
using System.Net;

namespace QuickPay.Postgres;

/// <summary>
/// Where reads go that need not come from the primary. Database and authority are those of <c>Postgres</c>, and so is the role, but for
/// statistics. A replica that does not answer or lags further behind than here is not used until it is back.
/// </summary>
public sealed class ReplicaOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Postgres:Replicas";

    /// <summary>
    /// <c>host:port</c> of the replica for pages of histories; several separated by commas, the one to be used first in front. Empty: the
    /// primary serves them, a few at a time.
    /// </summary>
    public string History { get; init; } = "";

    /// <summary>The same for members' own figures.</summary>
    public string Statistics { get; init; } = "";

    /// <summary>The same for statements and for operators' figures over everybody.</summary>
    public string Reports { get; init; } = "";

    /// <summary>How far behind the primary a replica for histories may be.</summary>
    [Range(1_000, 300_000)]
    public int HistoryLagMaxMs { get; init; } = 5_000;

    /// <summary>How far behind the primary a replica for statistics may be.</summary>
    [Range(1_000, 300_000)]
    public int StatisticsLagMaxMs { get; init; } = 30_000;

    /// <summary>How far behind the primary a replica for reports may be.</summary>
    [Range(1_000, 300_000)]
    public int ReportsLagMaxMs { get; init; } = 60_000;

    /// <summary>The role that statistics are read by, on the primary too: it can do nothing else.</summary>
    [Required]
    public string StatisticsUsername { get; init; } = "";

    /// <summary>Password of that role; not given where <c>Postgres:PasswordFile</c> is, which has it.</summary>
    public string StatisticsPassword { get; init; } = "";

    /// <summary>Of the role of statistics, one for each kind of them; a process without it has none.</summary>
    internal int ConnectionsToPrimary => StatisticsUsername.Length > 0 ? 2 : 0;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from replica in new[] { (nameof(History), History), (nameof(Statistics), Statistics), (nameof(Reports), Reports) }
        from host in Split(replica.Item2)
        where
            host.Split(':') is not [{ Length: > 0 }, var port]
            || !int.TryParse(port, out var number)
            || number is < 1 or > IPEndPoint.MaxPort
        select new ValidationResult($"{Section}:{replica.Item1}: {host} is not host:port.", [replica.Item1]);

    internal static string[] Split(string hosts) =>
        hosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
