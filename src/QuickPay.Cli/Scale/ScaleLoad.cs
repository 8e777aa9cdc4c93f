namespace QuickPay.Cli.Scale;

/// <summary>Who pays whom, how often, and where they live.</summary>
internal sealed record ScaleLoad
{
    public required int Ledgers { get; init; }
    public int AccountsPerLedger { get; init; } = 10_000;

    /// <summary>Exponent of Zipf's law over all accounts; 0: all alike.</summary>
    public double Skew { get; init; }

    /// <summary>Share of transfers whose recipient lives in another ledger; null: wherever the recipient's hash leads.</summary>
    public double? CrossShare { get; init; }

    /// <summary>Closed loop: so many for each ledger, each sends as soon as it is answered. 0: open loop.</summary>
    public int Connections { get; init; }

    /// <summary>Open loop: evenly spaced sends a second for each ledger.</summary>
    public double Rate { get; init; }

    /// <summary>Share of transfers that pay the biggest shop.</summary>
    public double ShopShare { get; init; }

    /// <summary>Accounts of the shop, each in a ledger of its own; who pays takes the one in their own ledger.</summary>
    public int ShopAccounts { get; init; } = 1;

    /// <summary>Postings of a transfer across ledgers, in those of one within.</summary>
    public double CrossCost { get; init; } = 3;

    /// <summary>One way from a ledger to another.</summary>
    public double BetweenMs { get; init; } = 0.5;
    public double Seconds { get; init; } = 2;
    public double WarmupSeconds { get; init; } = 0.5;
    public int Seed { get; init; } = 1;
}
