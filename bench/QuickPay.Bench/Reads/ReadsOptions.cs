namespace QuickPay.Bench.Reads;

/// <summary>Which part of `bench reads` is wanted.</summary>
internal enum ReadsPart
{
    All,
    Mix,
    Balance,
    Page,
    Empty,
}

/// <summary>What `bench reads` can be told.</summary>
internal sealed record ReadsOptions
{
    /// <summary>Sessions, and so tokens: signed up and logged in through the API. They own the wallets in turn.</summary>
    public const int Sessions = 256;

    public const int MembersDefault = 10_000;

    /// <summary>Of each measured run.</summary>
    public int Seconds { get; init; } = 10;

    public int WarmupSeconds { get; init; } = 1;

    /// <summary>Wallets of each side, with a client each.</summary>
    public long Members { get; init; } = MembersDefault;

    /// <summary>Requests a second for the comparison at equal rate; null: half of what the side without caches can do.</summary>
    public double? Rate { get; init; }

    public int Rounds { get; init; } = 2;

    /// <summary>In closed loops; null: the best of several, tried for each side.</summary>
    public int? Connections { get; init; }

    /// <summary>The exponent of Zipf's distribution over members.</summary>
    public double Skew { get; init; } = 1;

    public ReadsPart Part { get; init; }

    public bool Keep { get; init; }

    public required ulong Seed { get; init; }
}
