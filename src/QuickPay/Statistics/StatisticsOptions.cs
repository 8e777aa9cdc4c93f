using System.ComponentModel.DataAnnotations;

namespace QuickPay.Statistics;

/// <summary>How an API server reads statistics: by a role that can do nothing else, from replicas where there are some. Database and authority are those of <c>Postgres</c>.</summary>
public sealed class StatisticsOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Statistics";

    /// <summary>One <c>host:port</c> that members' months are read from; empty: from the primary.</summary>
    [RegularExpression("^[^,]*$", ErrorMessage = "Statistics:Hosts: one host alone.")]
    public string Hosts { get; init; } = "";

    /// <summary>One <c>host:port</c> that operators' reports are read from; empty: from the primary.</summary>
    [RegularExpression("^[^,]*$", ErrorMessage = "Statistics:ReportHosts: one host alone.")]
    public string ReportHosts { get; init; } = "";

    /// <summary>The role.</summary>
    [Required]
    public string Username { get; init; } = "";

    /// <summary>Password of the role.</summary>
    [Required]
    public string Password { get; init; } = "";

    /// <summary>Connections of one process for members' months, and as many for reports; beside those of <c>Postgres:ConnectionsMax</c>.</summary>
    [Range(1, 10)]
    public int ConnectionsMax { get; init; } = 2;
}
