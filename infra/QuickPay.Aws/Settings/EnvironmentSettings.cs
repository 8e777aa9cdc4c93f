namespace QuickPay.Aws.Settings;

/// <summary>All that differs between installations on AWS. <see cref="Environments"/> has those that there are.</summary>
/// <param name="Name"><c>dev</c> or <c>prod</c>: part of every stack's and export's name.</param>
/// <param name="Region">Where the service runs.</param>
/// <param name="Zones">Its zones, in the order of their subnets.</param>
internal sealed record EnvironmentSettings(string Name, string Region, IReadOnlyList<string> Zones)
{
    public required NetworkSettings Network { get; init; }

    public required DatabaseSettings Database { get; init; }

    public required CacheSettings Cache { get; init; }

    public required ServiceSettings Service { get; init; }

    public required EdgeSettings Edge { get; init; }

    /// <summary>Where the service goes on when its region is lost; null: nowhere.</summary>
    public RecoverySettings? Recovery { get; init; }

    /// <summary>Whether stores survive a stack that is deleted by mistake: true wherever money is.</summary>
    public required bool KeepsData { get; init; }

    /// <summary>How many days the logs of services are kept; those of audit have periods of their own.</summary>
    public required int LogDays { get; init; }

    /// <summary>Which of two ways in a region is, as Route 53 calls it; null: the only one.</summary>
    public string? Failover =>
        Recovery is null ? null
        : Recovery.Region == Region ? "SECONDARY"
        : "PRIMARY";

    /// <summary>The same installation as it is in its second region.</summary>
    public EnvironmentSettings In(RecoverySettings recovery) =>
        this with
        {
            Region = recovery.Region,
            Zones = recovery.Zones,
            Service = recovery.Service,
            Cache = Cache with { Replicas = recovery.CacheReplicas },
        };
}

/// <summary>How the network is laid out.</summary>
/// <param name="NatPerZone">A gateway in each zone, so that no zone depends on another; else one for all.</param>
/// <param name="PrivateEndpoints">Whether AWS's own services are reached without the gateways; they cost by the hour and zone.</param>
internal sealed record NetworkSettings(bool NatPerZone, bool PrivateEndpoints);

/// <summary>PostgreSQL on RDS.</summary>
/// <param name="Instance">Class without its prefix: <c>r5.large</c>.</param>
/// <param name="StorageGiB">Of each server.</param>
/// <param name="MultiAz">A synchronous standby in another zone.</param>
/// <param name="Replicas">Read replicas: 1 histories, 2 members' figures, 3 statements and operators' figures.</param>
/// <param name="BackupDays">How far back a point in time can be restored.</param>
internal sealed record DatabaseSettings(string Instance, int StorageGiB, bool MultiAz, int Replicas, int BackupDays);

/// <summary>Redis on ElastiCache.</summary>
/// <param name="Node">Type without its prefix: <c>r5.large</c>.</param>
/// <param name="Replicas">Beside the primary, each in another zone; with none there is no failover.</param>
/// <param name="SnapshotDays">Daily snapshots that are kept.</param>
internal sealed record CacheSettings(string Node, int Replicas, int SnapshotDays);

/// <summary>API servers and workers on EC2.</summary>
/// <param name="Instance">Type: <c>t3.medium</c>.</param>
/// <param name="Min">API servers that there always are.</param>
/// <param name="Max">More are never started.</param>
/// <param name="Workers">One leads, the others stand by.</param>
internal sealed record ServiceSettings(string Instance, int Min, int Max, int Workers);

/// <summary>Load balancer and firewall.</summary>
/// <param name="RequestsPerMinute">What one client address may ask in a minute; the firewall counts no shorter time.</param>
/// <param name="BlockedCountries">ISO 3166-1 codes of countries from which nobody is let in.</param>
internal sealed record EdgeSettings(int RequestsPerMinute, IReadOnlyList<string> BlockedCountries);

/// <summary>A second region, which shows what there is until it is promoted.</summary>
/// <param name="Region">Where.</param>
/// <param name="Zones">Its zones, in the order of their subnets.</param>
/// <param name="Service">Its servers; the workers are started by the promotion.</param>
/// <param name="CacheReplicas">Beside the primary of its own cache, each in another zone.</param>
internal sealed record RecoverySettings(string Region, IReadOnlyList<string> Zones, ServiceSettings Service, int CacheReplicas);
