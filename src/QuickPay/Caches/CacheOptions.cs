using System.ComponentModel.DataAnnotations;

namespace QuickPay.Caches;

/// <summary>Balances and pages in Redis. Nothing about money depends on them.</summary>
public sealed class CacheOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Cache";

    /// <summary>False: every read goes to the database, and nothing is written to the cache.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How long a balance stays without being read anew.</summary>
    [Range(1, 86_400)]
    public int BalanceSeconds { get; init; } = 300;

    /// <summary>How long the first page of a history stays; it is shown only while it is the account's newest.</summary>
    [Range(1, 86_400)]
    public int PageSeconds { get; init; } = 3_600;

    /// <summary>Pages that one server keeps in its own memory (about 7 kB each), beside those in Redis.</summary>
    [Range(2, 1_000_000)]
    public int PagesRememberedMax { get; init; } = 4_096;

    /// <summary>An answer that takes longer than this opens the breaker: the cache is to save time.</summary>
    [Range(5, 5_000)]
    public int SlowMs { get; init; } = 100;

    /// <summary>How long the cache is left alone before one read tries it again.</summary>
    [Range(50, 60_000)]
    public int RetryMs { get; init; } = 1_000;

    /// <summary>Keys in one command to Redis.</summary>
    [Range(1, 10_000)]
    public int BatchMax { get; init; } = 512;

    /// <summary>Entries that may wait to be written; one more is dropped, which costs a read of the database later.</summary>
    [Range(16, 1_000_000)]
    public int WritesWaitingMax { get; init; } = 20_000;

    /// <summary>Balances read from the database at once when the cache does not have them; others wait a second, then are refused.</summary>
    [Range(1, 20)]
    public int LoadsMax { get; init; } = 4;

    /// <summary>Nothing is added while Redis uses more of its memory than this, in percent: the rest is for sessions, which cannot be read anew.</summary>
    [Range(1, 99)]
    public int MemoryPercentMax { get; init; } = 70;
}
