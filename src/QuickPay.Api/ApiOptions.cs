using System.ComponentModel.DataAnnotations;

namespace QuickPay.Api;

/// <summary>What differs between installations of the API.</summary>
public sealed class ApiOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Api";

    /// <summary>Whether members may put money into their own wallets: development only.</summary>
    public bool DevelopmentDeposits { get; init; }

    /// <summary>Amounts above this need the PIN, in minor units.</summary>
    [Range(0, long.MaxValue)]
    public long PinThreshold { get; init; } = 300_000;

    /// <summary>
    /// How long a server that was told to stop still serves while it says that it is not ready: longer than a probe of the edge takes to
    /// come and to be answered.
    /// </summary>
    [Range(0, 20_000)]
    public int DrainNoticeMs { get; init; } = 2_000;

    /// <summary>Whether a line is written for each request: the call, its status and its time, with the trace id. For looking for something; not under load.</summary>
    public bool LogRequests { get; init; }
}
