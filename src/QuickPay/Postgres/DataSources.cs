using Npgsql;

namespace QuickPay.Postgres;

/// <summary>
/// The two pools of a process. Together they never pass <see cref="PostgresOptions.ConnectionsMax"/>; posting has its own, so
/// that readers can never starve it. A worker has one connection more, without a pool, by which it leads or stands by.
/// </summary>
public static class DataSources
{
    private const int ConnectTimeoutSeconds = 2;
    private const int IdleSeconds = 30;
    private const int PostingTimeoutSeconds = 5;
    private const int ReadTimeoutSeconds = 5;

    /// <summary>The pool for everything but posting: short statements, each with a deadline.</summary>
    public static NpgsqlDataSource ForReading(PostgresOptions options, int connectionsMax)
    {
        var settings = Settings(options, connectionsMax, "quickpay");
        settings.CommandTimeout = ReadTimeoutSeconds;
        return Build(settings);
    }

    /// <summary>
    /// The posting lanes' pool. Plans are fixed for these sessions: every statement goes by primary key, and a plan made for a
    /// still empty table must not survive into a full one.
    /// </summary>
    public static NpgsqlDataSource ForPosting(PostgresOptions options, int connectionsMax)
    {
        var settings = Settings(options, connectionsMax, "quickpay posting");
        settings.CommandTimeout = PostingTimeoutSeconds;
        // Without it an error does not tell which statement of a batch failed.
        settings.IncludeFailedBatchedCommand = true;
        settings.ReadBufferSize = 64 * 1024;
        settings.WriteBufferSize = 64 * 1024;
        settings.Options =
            "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";
        return Build(settings);
    }

    /// <summary>
    /// Sessions that hold the lock by which a worker leads. No pool keeps them, so that the lock goes with the connection; and the server ends
    /// one that is silent, so that neither a cut-off nor a frozen worker keeps the lock.
    /// </summary>
    /// <param name="silenceMax">How long such a session may ask nothing.</param>
    public static NpgsqlDataSource ForLeading(PostgresOptions options, TimeSpan silenceMax)
    {
        var settings = Settings(options, 1, "quickpay leader");
        settings.Pooling = false;
        settings.Options = $"-c idle_session_timeout={(int)silenceMax.TotalMilliseconds}";
        // A question that is given up takes its connection with it: there is nothing to wait for.
        settings.CancellationTimeout = -1;
        return Build(settings);
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings) =>
        settings.Host!.Contains(',', StringComparison.Ordinal)
            ? new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();

    private static NpgsqlConnectionStringBuilder Settings(PostgresOptions options, int connectionsMax, string applicationName)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = options.Hosts,
            Database = options.Database,
            Username = options.Username,
            Password = options.Password,
            SslMode = SslMode.VerifyFull,
            RootCertificate = options.RootCertificate,
            ApplicationName = applicationName,
            MaxPoolSize = connectionsMax,
            ConnectionIdleLifetime = IdleSeconds,
            ConnectionPruningInterval = IdleSeconds / 3,
            Timeout = ConnectTimeoutSeconds,
            TcpKeepAlive = true,
            TcpKeepAliveTime = 5,
            TcpKeepAliveInterval = 2,
            MaxAutoPrepare = 40,
            AutoPrepareMinUsages = 2,
            HostRecheckSeconds = 1,
        };
        if (!options.Hosts.Contains(',', StringComparison.Ordinal) && options.Hosts.Split(':') is [var host, var port])
        {
            settings.Host = host;
            settings.Port = int.Parse(port, System.Globalization.CultureInfo.InvariantCulture);
        }
        return settings;
    }
}
