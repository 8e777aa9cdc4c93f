using QuickPay.Bench.Load;

namespace QuickPay.Bench;

/// <summary>What every command that makes load can be told.</summary>
internal sealed record LoadOptions
{
    public LoadMix Mix { get; init; } = LoadMix.Transfers;

    /// <summary>Requests a second; null = as many as it takes (closed loop).</summary>
    public double? Rate { get; init; }
    public double Skew { get; init; }
    public int Seconds { get; init; } = 20;
    public int WarmupSeconds { get; init; } = 5;
    public long Accounts { get; init; } = 10_000;
    public int Members { get; init; } = 64;

    /// <summary>Null = 256 in an open loop, the best of several in a closed one.</summary>
    public int? Connections { get; init; }
    public Arrivals Arrivals { get; init; } = Arrivals.Fixed;
    public required ulong Seed { get; init; }
}
