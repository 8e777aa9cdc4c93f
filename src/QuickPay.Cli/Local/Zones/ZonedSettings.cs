namespace QuickPay.Cli.Local.Zones;

/// <summary>What the hosts of the three zones are told.</summary>
internal sealed class ZonedSettings(
    DataFolder data,
    Secrets secrets,
    Certificates certificates,
    ZonedPostgres postgres,
    ReplicatedRedis redis
)
{
    // All hosts together stay below the 160 connections of a node (PatroniNode), with room for those that a failover leaves behind. Of the three
    // workers one leads, and the others have a few: a job has one for its turn and one to work with, and most jobs begin together.
    private const int ConnectionsOfApi = 18;
    private const int ConnectionsOfWorker = 20;
    private const int ApiPort = 8081;
    private const int WorkerPort = 9091;
    private const int EdgeInternalPort = 9190;

    /// <summary>Every password of this topology.</summary>
    public static IEnumerable<string> SecretNames =>
        [
            .. PostgresRoles.WithPassword,
            PostgresRoles.Replicator,
            PostgresRoles.Rewinder,
            PatroniNode.ApiSecret,
            .. RedisUsers.All.Select(RedisUsers.SecretOf),
        ];

    /// <summary>Of an API server: TLS from the edges to it too, since they may be in another zone.</summary>
    /// <param name="name">`api-1`.</param>
    /// <param name="zone">Where.</param>
    /// <param name="index">From 0 in its zone.</param>
    public HostSettingsFile OfApi(string name, Zone zone, int index)
    {
        var (certificate, key) = Issue(name, "QuickPay API", [zone.Address]);
        return new HostSettingsFile(
            postgres.Connection(PostgresRoles.Api) with
            {
                ConnectionsMax = ConnectionsOfApi,
                Replicas = ReplicaSettings.None(secrets) with
                {
                    History = postgres.Replicas[0].Address,
                    Statistics = postgres.Replicas[1].Address,
                    Reports = postgres.Replicas[2].Address,
                },
            },
            redis.Connection(RedisUsers.Api),
            new TokenSettings(secrets.TokenSigningKeyFile, TokenSettings.LocalIssuer, TokenSettings.LocalAudience),
            new PersonalDataSettings(secrets.PersonalDataKeyFile),
            new ApiSettings(DevelopmentDeposits: true),
            $"https://{zone.Address}:{ApiPort + index}",
            $"http://{zone.Address}:{WorkerPort - 1 - index}"
        )
        {
            Kestrel = KestrelSettings.With(certificate, key),
        };
    }

    /// <summary>Of a worker; what it serves is its health alone.</summary>
    public HostSettingsFile OfWorker(Zone zone)
    {
        var url = $"http://{zone.Address}:{WorkerPort}";
        return new HostSettingsFile(
            postgres.Connection(PostgresRoles.Worker) with
            {
                ConnectionsMax = ConnectionsOfWorker,
            },
            redis.Connection(RedisUsers.Worker),
            null,
            null,
            null,
            url,
            url
        )
        {
            Rates = RateSettings.Sample(),
        };
    }

    /// <summary>Of an edge.</summary>
    /// <param name="name">`edge-1`.</param>
    /// <param name="zone">Where.</param>
    /// <param name="port">For members.</param>
    public EdgeSettingsFile OfEdge(string name, Zone zone, int port)
    {
        var (certificate, key) = Issue(name, "QuickPay edge", [zone.MembersAddress]);
        return new EdgeSettingsFile(
            new EdgeListenSettings(
                $"{zone.MembersAddress}:{port}",
                $"{zone.MembersAddress}:{StackPorts.Of(port).Redirect}",
                port,
                $"{zone.Address}:{EdgeInternalPort}",
                certificate,
                key,
                HostNames: $"{zone.MembersAddress},localhost"
            ),
            new EdgeBalancingSettings(data.ServersFile, data.RootCertificate),
            new EdgeTokenSettings(TokenSettings.LocalIssuer, TokenSettings.LocalAudience, secrets.TokenPublicKeyFile),
            redis.Connection(RedisUsers.Edge),
            new EdgeRateLimitSettings(secrets.RateLimitKeyFile),
            $"https://{zone.MembersAddress}:{port}"
        );
    }

    private (string Certificate, string Key) Issue(string name, string owner, string[] addresses)
    {
        var (certificate, key) = (Path.Combine(data.Tls, $"{name}.crt"), Path.Combine(data.Tls, $"{name}.key"));
        certificates.Issue(owner, certificate, key, null, addresses);
        return (certificate, key);
    }
}
