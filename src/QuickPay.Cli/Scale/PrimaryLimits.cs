using QuickPay.Cli.Cost;

namespace QuickPay.Cli.Scale;

/// <summary>A server for PostgreSQL.</summary>
/// <param name="Cores">Physical ones; two threads each.</param>
/// <param name="DiskMb">MB a second to its disks for good: list figures as of 2026, to be checked.</param>
/// <param name="Connections">As RDS sets max_connections: as of 2026, to be checked.</param>
internal sealed record PrimarySize(string Name, int Cores, double DiskMb, double Connections);

/// <summary>How many transfers a resource lets through in the busiest second.</summary>
/// <param name="PerSecond">Of each size, in their order.</param>
/// <param name="Basis">measured, reckoned (from measured figures and limits of products), or assumed.</param>
/// <param name="Why">The arithmetic, with its figures' sources.</param>
internal sealed record PrimaryLimit(string Resource, IReadOnlyList<double> PerSecond, string Basis, string Why);

/// <summary>Where one primary ends, resource by resource, from measured figures and stated assumptions.</summary>
internal static class PrimaryLimits
{
    // docs/benchmarks.md: 493 µs at 500/s in batches of one, 35.2 at full load in batches of about 140 (simulated): a + b/n.
    private const double AloneUs = 493;
    private const double FullUs = 35.2;
    private const double FullBatch = 140;

    // docs/benchmarks.md: ten million accounts 64.3 against 44.6; 150 million keys 64.2 against 39.2.
    private const double AccountsUs = 64.3 - 44.6;
    private const double KeysUs = 64.2 - 39.2;
    private const double Busy = 0.5;
    private const double LogShare = 0.5;
    private const double VolumeMb = 500;

    // 167 of the row, 32 of the primary key, 55 of each history index: 300,000 rows without memo, by SQL.
    private const double TransferBytes = 309;
    private const double KeyBytes = 108;
    private const double KeyTableBytes = 10_984.0 * 1_024 * 1_024 / 150_000_000;
    private const double TransferDays = 7 * 365.25;
    private const double KeyDays = 400;
    private const double StorageBytes = 64.0 * 1_024 * 1_024 * 1_024 * 1_024;
    private const double StorageShare = 0.8;
    private const double TableBytes = 32.0 * 1_024 * 1_024 * 1_024 * 1_024;
    private const double ReplayShare = 0.25;
    private const double IdsBetweenFreezes = 200_000_000;
    private const double ConnectionsPerServer = 20;
    private const double DaySeconds = 86_400;

    public static IReadOnlyList<PrimarySize> Sizes { get; } =
    [new("db.r5.large", 1, 81, 1_800), new("db.r5.4xlarge", 8, 593, 5_000), new("db.r5.24xlarge", 48, 2_375, 5_000)];

    /// <summary>Of PostgreSQL for a transfer, with ten million accounts and 150 million keys.</summary>
    public static double CpuUs(double batch) => OnceUs / batch + (FullUs - OnceUs / FullBatch) + AccountsUs + KeysUs;

    /// <summary>Busiest second of a day with so many transfers, in the case study's proportion.</summary>
    public static double PeakOf(double transfersPerDay) => transfersPerDay / DaySeconds * Peak;

    /// <summary>The reverse.</summary>
    public static double DayOf(double peak) => peak / Peak * DaySeconds;

    private static double OnceUs => (AloneUs - FullUs) / (1 - 1 / FullBatch);

    private static double Peak => (double)Assumptions.PeakToAverage.Value;

    /// <summary>The tightest of the largest size first.</summary>
    public static IReadOnlyList<PrimaryLimit> All { get; } =
    [
        .. new PrimaryLimit[]
        {
            new(
                "storage",
                Alike(PeakOf(StorageBytes * StorageShare / (TransferDays * TransferBytes + KeyDays * KeyBytes))),
                "reckoned",
                "64 TiB (RDS, as of 2026, check), a fifth kept free; 309 bytes a transfer for 7 years (rows and indexes, counted in a filled table), 108 a key for 400 days (docs/benchmarks.md)"
            ),
            new(
                "log to disk",
                Each(size => Math.Min(size.DiskMb, VolumeMb) * 1e6 * LogShare / (double)Assumptions.RegionBytes.Value),
                "reckoned",
                "5,995 bytes a transfer with 150 million keys (docs/benchmarks.md; 1,076 with few); half of the disk's throughput, a gp3 volume of 500 MB/s (as of 2026, check)"
            ),
            new(
                "processor, where waiting begins",
                Each(size => size.Cores * Busy / CpuUs(1) * 1e6),
                "measured, scaled",
                "batches of one, as many small API servers make them: 493 µs of PostgreSQL, + 20 for ten million accounts, + 25 for 150 million keys (docs/benchmarks.md); half of the cores, an r5 core taken for one of those measured"
            ),
            new(
                "processor, where it ends",
                Each(size => size.Cores * Busy / CpuUs(100) * 1e6),
                "measured, scaled",
                "the same in batches of 100, as a few busy posting servers make them"
            ),
            new(
                "replay on a standby",
                Alike(1e6 / (CpuUs(FullBatch) * ReplayShare)),
                "assumed",
                "one process replays; a quarter of what the primary spends in full batches. Not measured"
            ),
            new(
                "transaction ids",
                Alike(IdsBetweenFreezes / DaySeconds * Peak),
                "reckoned",
                "200 million ids (autovacuum_freeze_max_age) in a day in batches of one; more makes vacuum freeze all tables more often than daily"
            ),
            new(
                "connections",
                Each(size =>
                    size.Connections / ConnectionsPerServer / (double)Assumptions.SpareForAZone.Value * (double)Sizing.ServerCapacity
                ),
                "reckoned",
                "20 for each API server (docs/architecture.md), which is trusted with 972/s, times 1.5 (docs/concepts/cost.md); max_connections as of 2026, check"
            ),
            new(
                "the table of keys",
                Alike(PeakOf(TableBytes / (KeyDays * KeyTableBytes))),
                "reckoned",
                "32 TiB are the most of one table at 8 kB a page; 77 bytes a key without the index (docs/benchmarks.md), 400 days"
            ),
        }.OrderBy(limit => limit.PerSecond[^1]),
    ];

    private static double[] Each(Func<PrimarySize, double> perSecond) => [.. Sizes.Select(perSecond)];

    private static double[] Alike(double perSecond) => Each(_ => perSecond);
}
