using System.Runtime.CompilerServices;
using Npgsql;

namespace QuickPay.Postgres;

/// <summary>
/// The two pools of a process. Together they never pass <see cref="PostgresOptions.ConnectionsMax"/>; posting has its own, so
/// that readers can never starve it. A worker has two connections more: one without a pool, by which it leads or stands by, and one that sums
/// up statistics. Replicas, which are other servers, have small pools of their own, and so has the role of statistics
/// (<see cref="ReadReplicas"/>).
/// </summary>
public static class DataSources
{
    private const int ConnectTimeoutSeconds = 2;
    private const int HostRecheckSeconds = 3_600;
    private const int IdleSeconds = 30;
    private const int PostingTimeoutSeconds = 5;
    private const int ReadTimeoutSeconds = 5;
    private const int SetUpConnectTimeoutSeconds = 10;
    private const int StatisticsTimeoutSeconds = 4;

    /// <summary>The pool for everything but posting: short statements, each with a deadline.</summary>
    public static NpgsqlDataSource ForReading(PostgresOptions options, int connectionsMax)
    {
        var settings = Settings(options, connectionsMax, "quickpay");
        settings.CommandTimeout = ReadTimeoutSeconds;
        // Seven statements before each read, a third of what it costs. No reader leaves anything behind: whoever locks, unlocks.
        settings.NoResetOnClose = true;
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
    /// A pool for statistics, by their own role. A plan is made for each question: only then does it know which months the question
    /// leaves out, and what would be right for one account reads the whole month for another.
    /// </summary>
    /// <param name="options">With the role that is meant.</param>
    /// <param name="hosts">A replica, or all that may be the primary.</param>
    /// <param name="applicationName">What the server shows.</param>
    /// <param name="connectionsMax">More wait, and are told to come back.</param>
    /// <param name="byIndex">Look-ups of few rows: never a whole table or month, whatever the planner thinks of it.</param>
    internal static NpgsqlDataSource ForStatistics(
        PostgresOptions options,
        string hosts,
        string applicationName,
        int connectionsMax,
        bool byIndex
    )
    {
        var settings = Settings(options, connectionsMax, applicationName, hosts);
        settings.CommandTimeout = StatisticsTimeoutSeconds;
        settings.MaxAutoPrepare = 0;
        settings.NoResetOnClose = true;
        settings.Options = byIndex ? "-c jit=off -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off" : "-c jit=off";
        return Build(settings);
    }

    /// <summary>
    /// The one connection that sums up statistics. Each statement is planned for the hour, or the account, that it is about: a plan for all
    /// of them, which prepared statements get from the sixth time on, would look into every month.
    /// </summary>
    public static NpgsqlDataSource ForRollUps(PostgresOptions options)
    {
        var settings = Settings(options, 1, "quickpay roll-up");
        settings.CommandTimeout = ReadTimeoutSeconds;
        settings.MaxAutoPrepare = 0;
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
        // It asks each second, alone, and needs nobody to tell it what has changed.
        settings.HostRecheckSeconds = 1;
        settings.Options = $"-c idle_session_timeout={(int)silenceMax.TotalMilliseconds}";
        return Build(settings);
    }

    /// <summary>
    /// For setting up and migrating, one host: no connection is kept, a statement takes the time that it takes, and the server ends it when
    /// nobody is there any more to wait for it.
    /// </summary>
    public static string ForSettingUp(PostgresOptions options)
    {
        var settings = Settings(options, 1, "quickpay setup");
        settings.Pooling = false;
        settings.Timeout = SetUpConnectTimeoutSeconds;
        settings.CommandTimeout = 0;
        settings.MaxAutoPrepare = 0;
        settings.Options = "-c client_connection_check_interval=1s";
        return settings.ConnectionString;
    }

    /// <summary>A replica's pool for one kind of read: read-only sessions, each statement with a deadline on both sides.</summary>
    internal static NpgsqlDataSource ForReplica(
        PostgresOptions options,
        string host,
        string applicationName,
        int connectionsMax,
        int deadlineSeconds
    )
    {
        var settings = Settings(options, connectionsMax, applicationName, host);
        settings.CommandTimeout = deadlineSeconds;
        settings.Options = $"-c default_transaction_read_only=on -c statement_timeout={deadlineSeconds}s";
        settings.NoResetOnClose = true;
        return Build(settings);
    }

    /// <summary>The multi-host source that a pool of ours draws from; null when there is one host alone.</summary>
    internal static NpgsqlMultiHostDataSource? HostsOf(NpgsqlDataSource pool) => Hosts.TryGetValue(pool, out var hosts) ? hosts : null;

    /// <summary>Each host alone, for a question about itself: without a pool, and given up soon.</summary>
    internal static IReadOnlyList<NpgsqlDataSource> ForAsking(PostgresOptions options) =>
        [.. options.Hosts.Split(',').Select(host => ForAsking(options, host, "quickpay finder"))];

    /// <inheritdoc cref="ForAsking(PostgresOptions)" />
    internal static NpgsqlDataSource ForAsking(PostgresOptions options, string host, string applicationName)
    {
        var settings = Settings(options, 1, applicationName, host);
        settings.Pooling = false;
        settings.Timeout = 1;
        settings.CommandTimeout = 1;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    private static readonly ConditionalWeakTable<NpgsqlDataSource, NpgsqlMultiHostDataSource> Hosts = [];

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings)
    {
        if (!settings.Host!.Contains(',', StringComparison.Ordinal))
        {
            return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
        }
        var hosts = new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost();
        var primary = hosts.WithTargetSession(TargetSessionAttributes.Primary);
        Hosts.Add(primary, hosts);
        return primary;
    }

    private static NpgsqlConnectionStringBuilder Settings(
        PostgresOptions options,
        int connectionsMax,
        string applicationName,
        string? hosts = null
    )
    {
        hosts ??= options.Hosts;
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = hosts,
            Database = options.Database,
            Username = options.Username,
            Password = options.PasswordFile.Length == 0 ? options.Password : null,
            Passfile = options.PasswordFile.Length == 0 ? null : options.PasswordFile,
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
            // Who gives a statement up tells the server, and ends the session without waiting for what it says: what the driver then knows of it, of
            // statements that it was preparing above all, may not be so (npgsql/npgsql#6391; seen as "unexpected backend message" by the next user).
            CancellationTimeout = -1,
            // PrimaryFinder tells the driver what has changed.
            HostRecheckSeconds = HostRecheckSeconds,
        };
        if (!hosts.Contains(',', StringComparison.Ordinal) && hosts.Split(':') is [var host, var port])
        {
            settings.Host = host;
            settings.Port = int.Parse(port, System.Globalization.CultureInfo.InvariantCulture);
        }
        return settings;
    }
}
