namespace QuickPay.Aws.Settings;

/// <summary>The installations that there are.</summary>
internal static class Environments
{
    private const string Seoul = "ap-northeast-2";
    private const string Singapore = "ap-southeast-1";

    /// <summary>1,000 a second, as our own edge allows.</summary>
    private const int RequestsPerMinute = 60_000;

    /// <summary>Under the sanctions that a Korean payment service has to heed.</summary>
    private static readonly string[] BlockedCountries = ["KP"];
    private static readonly string[] SeoulZones = [$"{Seoul}a", $"{Seoul}b", $"{Seoul}c"];

    /// <summary>The case study's sizes.</summary>
    public static readonly EnvironmentSettings Prod = new("prod", Seoul, SeoulZones)
    {
        Network = new(NatPerZone: true, PrivateEndpoints: true),
        Database = new("r5.large", StorageGiB: 500, MultiAz: true, Replicas: 3, BackupDays: 7),
        Cache = new("r5.large", Replicas: 2, SnapshotDays: 7),
        Service = new("t3.medium", Min: 3, Max: 10, Workers: 2),
        Edge = new(RequestsPerMinute, BlockedCountries),
        Recovery = new(
            Singapore,
            [$"{Singapore}a", $"{Singapore}b", $"{Singapore}c"],
            // Two API servers, so that a zone that fails here takes nothing away, and log-ins and reads are served from the first second on. Together
            // they are trusted with nearly the busiest second; what is more, the same policies add as in the first region.
            new("t3.medium", Min: 2, Max: 10, Workers: 2),
            // Sessions of here alone are in it, of which there are none until members come: one that takes over is enough.
            CacheReplicas: 1
        ),
        KeepsData = true,
        LogDays = 365,
    };

    /// <summary>The same parts, as small as they come, to try a change on and throw away.</summary>
    public static readonly EnvironmentSettings Dev = new("dev", Seoul, SeoulZones)
    {
        Network = new(NatPerZone: false, PrivateEndpoints: false),
        // Who logs in by tokens wants up to 1 GiB of the server for that: all that a micro has.
        Database = new("t3.small", StorageGiB: 20, MultiAz: false, Replicas: 0, BackupDays: 1),
        Cache = new("t3.micro", Replicas: 0, SnapshotDays: 0),
        Service = new("t3.micro", Min: 1, Max: 2, Workers: 1),
        Edge = new(RequestsPerMinute, BlockedCountries),
        KeepsData = false,
        LogDays = 7,
    };

    public static IReadOnlyList<EnvironmentSettings> All => [Dev, Prod];
}
