using System.Security.Cryptography;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>What <see cref="DrillTraffic.Start"/> shall send.</summary>
public sealed record TrafficOptions
{
    /// <summary>Operations that become due each second, 1 to 5,000.</summary>
    public int Rate { get; init; } = 200;

    /// <summary>Of a hundred operations. What is neither a transfer nor a log-in reads a balance.</summary>
    public int TransferPercent { get; init; } = 50;

    /// <summary>Of a hundred operations, up to <see cref="LogInsPerSecondMax"/>.</summary>
    public int LogInPercent { get; init; } = 5;

    /// <summary>A log-in is a hash that is slow on purpose: more of them would measure that hash. Balances take the place of the others.</summary>
    public int LogInsPerSecondMax { get; init; } = 2;

    /// <summary>The largest transfer in minor units. An hour at the default rate stays under an unverified member's limit of a day.</summary>
    public long AmountMax { get; init; } = 50;

    /// <summary>Decides who does what when. Say it: the same seed makes the same schedule.</summary>
    public int Seed { get; init; } = RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>Stands in idempotency keys. Never the same twice in one ledger.</summary>
    public string Run { get; init; } = RandomNumberGenerator.GetHexString(10, lowercase: true);

    /// <summary>Operations under way at one time. Those that become due beyond it are recorded as `not_sent`.</summary>
    public int InFlightMax { get; init; } = 4_000;

    /// <summary>How long a member tries to get a transfer done.</summary>
    public TimeSpan TransferPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a member tries to read a balance or to log in.</summary>
    public TimeSpan OtherPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <see cref="DrillTraffic.ResolveAsync"/> asks for each outcome.</summary>
    public TimeSpan ResolvePatience { get; init; } = TimeSpan.FromSeconds(60);

    internal void RequireSense()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Rate, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Rate, 5_000);
        ArgumentOutOfRangeException.ThrowIfNegative(TransferPercent);
        ArgumentOutOfRangeException.ThrowIfNegative(LogInPercent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TransferPercent + LogInPercent, 100);
        ArgumentOutOfRangeException.ThrowIfNegative(LogInsPerSecondMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(AmountMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlightMax, 1);
    }
}
