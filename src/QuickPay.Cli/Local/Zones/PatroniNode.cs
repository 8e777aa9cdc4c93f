using System.Net;
using System.Text.Json;

namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// A PostgreSQL that Patroni keeps: primary, synchronous standby or spare, as the three agree. The process is Patroni's; it starts, stops,
/// promotes and rewinds PostgreSQL, which outlives its death.
/// </summary>
public sealed class PatroniNode : ILocalServer
{
    /// <summary>PostgreSQL's, in each zone.</summary>
    public const int PostgresPort = 5432;

    /// <summary>Patroni's own, in each zone.</summary>
    public const int ApiPort = 8008;

    internal const string ApiSecret = "patroni/api";
    private const string Program = "/usr/bin/patroni";
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);
    private readonly PostgresNodeFiles _files;
    private readonly string _logs;
    private readonly TimeProvider _clock;

    internal PatroniNode(DataFolder data, Zone zone, OsUser? user, TimeProvider clock)
    {
        (Place, _clock, _logs) = (zone, clock, data.Logs);
        _files = new PostgresNodeFiles(data, NameIn(zone), zone, user);
    }

    /// <summary>Its name in Patroni, and in `synchronous_standby_names`: `pg-a`.</summary>
    public string NodeName => NameIn(Place);

    public string Name => $"patroni-{Place.Name}";

    public string Role => "patroni";

    public string Zone => Place.Name;

    /// <summary>The zone with its addresses.</summary>
    public Zone Place { get; }

    /// <summary>Patroni's own, in TLS.</summary>
    public string Address => $"{Place.Address}:{ApiPort}";

    /// <summary>Where PostgreSQL's clients come in.</summary>
    public string PostgresAddress => $"{Place.Address}:{PostgresPort}";

    public ChildProcess? Process { get; private set; }

    /// <summary>What it says since its last start; empty before the first.</summary>
    public string LogFile { get; private set; } = "";

    /// <summary>The process of PostgreSQL itself; null while it does not run.</summary>
    public ProcessIdentity? Postmaster => _files.Postmaster();

    /// <summary>The superuser's way in, which no broken line cuts: through the socket, unpooled.</summary>
    public string SuperuserConnectionString(string database = "postgres") =>
        PostgresServer.SuperuserThrough(_files.Socket, PostgresPort, database);

    /// <summary>Starts Patroni. PostgreSQL comes up when the nodes have agreed on its part.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LogFile = Local.LogFile.Begin(_logs, Name);
        Process = await ChildProcess
            .StartAsync(
                new ChildStart(Programs.Installed(Program, "patroni"), [_files.PatroniConfiguration])
                {
                    LogFile = LogFile,
                    WorkingFolder = "/",
                    User = _files.User,
                    NetworkNamespace = Place.Namespace,
                    // SIGTERM to Patroni: stop PostgreSQL, then end.
                    OnOurDeath = Signal.Terminate,
                    // It logs the statements of libpq's file of passwords nowhere, but Python would leave compiled files beside its sources.
                    Environment = new Dictionary<string, string> { ["PYTHONDONTWRITEBYTECODE"] = "1" },
                }
            )
            .ConfigureAwait(false);
        // It listens when it has read from etcd. A PostgreSQL that outlived another Patroni is not touched before.
        await new ServerStart(Name, Process, LogFile, _clock)
            .WhenAsync(token => TcpProbe.AcceptsAsync(IPEndPoint.Parse(Address), token), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Stops PostgreSQL in order, then Patroni.</summary>
    public async Task StopAsync()
    {
        if (Process is not { } process)
            return;
        await process.StopAsync(Signal.Terminate, StopPatience, _clock).ConfigureAwait(false);
        // Left over from a Patroni that was killed.
        var asked = _clock.GetTimestamp();
        while (Postmaster is { } postmaster)
        {
            var isPatient = _clock.GetElapsedTime(asked) < StopPatience;
            Native.TrySignal(postmaster.Pid, Signal.Continue);
            Native.TrySignal(postmaster.Pid, isPatient ? Signal.Interrupt : Signal.Kill);
            await Task.Delay(TimeSpan.FromMilliseconds(100), _clock).ConfigureAwait(false);
        }
    }

    /// <summary>kill -9 of both: the machine is gone. <see cref="StartAsync"/> brings it back.</summary>
    public async Task KillAsync()
    {
        if (Process is not { } process)
            return;
        // Patroni first: it would start PostgreSQL again.
        process.TrySignal(Signal.Kill);
        if (Postmaster is { } postmaster)
            Native.TrySignal(postmaster.Pid, Signal.Kill);
        await process.Exited.ConfigureAwait(false);
    }

    /// <summary>Where its disk is when it has one of its own.</summary>
    internal string DiskFolder => _files.State;

    /// <summary>From here on its data lies on a disk of its own; before the first start.</summary>
    internal Task LimitDiskAsync(int megabytes, CancellationToken cancellationToken) =>
        SmallDisk.MountAsync(_files.State, megabytes, _files.User, cancellationToken);

    internal bool HasData => Directory.Exists(_files.Data);

    internal static string NameIn(Zone zone) => $"pg-{zone.Name}";

    internal void Prepare(
        Certificates certificates,
        Certificates etcdCertificates,
        Secrets secrets,
        PostgresTuning tuning,
        ZoneNetwork network
    )
    {
        _files.Prepare(certificates, network.Subnet);
        etcdCertificates.Issue("QuickPay Patroni", _files.EtcdCertificate, _files.EtcdKey, _files.User);
        PrivateFile.Write(_files.EtcdAuthority, File.ReadAllText(etcdCertificates.RootCertificateFile), _files.User);
        PrivateFile.Write(_files.Configuration, _files.ConfigurationText(tuning, more: ""), _files.User);
        PrivateFile.Write(_files.PatroniConfiguration, JsonSerializer.Serialize(PatroniSettings(secrets, network), s_writing), _files.User);
    }

    private static readonly JsonSerializerOptions s_writing = new() { WriteIndented = true };

    // JSON is YAML too, and needs nobody to think about quotes.
    private object PatroniSettings(Secrets secrets, ZoneNetwork network) =>
        new
        {
            scope = "quickpay",
            @namespace = "/quickpay/",
            name = NodeName,
            log = new { level = "INFO" },
            restapi = new
            {
                listen = Address,
                connect_address = Address,
                certfile = _files.Certificate,
                keyfile = _files.Key,
                cafile = _files.Authority,
                // What changes something needs it; what only asks does not.
                authentication = new { username = "patroni", password = secrets.PasswordOf(ApiSecret) },
            },
            ctl = new { cacert = _files.Authority },
            // Version 2 of etcd's API, on purpose. With version 3, Patroni 3.0.2 writes the leader's key without looking whose it is by then
            // when its lease has run out: a primary that was cut off takes the lock from its successor when the line is mended, and what
            // was acknowledged meanwhile is lost (its pull request 2689, in 3.0.3; seen here in a drill). Version 2 compares first.
            etcd = new
            {
                hosts = network.Zones.Select(zone => $"{zone.Address}:{EtcdServer.ClientPort}"),
                protocol = "https",
                cacert = _files.EtcdAuthority,
                cert = _files.EtcdCertificate,
                key = _files.EtcdKey,
            },
            bootstrap = new
            {
                dcs = Agreement(),
                initdb = new object[] { new { encoding = "UTF8" }, new { locale = "C.UTF-8" }, "data-checksums" },
            },
            postgresql = new
            {
                listen = PostgresAddress,
                connect_address = PostgresAddress,
                data_dir = _files.Data,
                bin_dir = Path.GetDirectoryName(PostgresPrograms.Find("postgres")),
                custom_conf = _files.Configuration,
                pgpass = Path.Combine(_files.State, "pgpass"),
                use_unix_socket = true,
                use_unix_socket_repl = true,
                authentication = new
                {
                    superuser = new { username = PostgresRoles.Superuser },
                    replication = Login(PostgresRoles.Replicator, secrets),
                    rewind = Login(PostgresRoles.Rewinder, secrets),
                },
                parameters = new
                {
                    hba_file = _files.HostRules,
                    ident_file = _files.UserMap,
                    unix_socket_directories = _files.Socket,
                },
                basebackup = new object[] { new { checkpoint = "fast" } },
                // What a lost primary had written and nobody acknowledged is given up: rewound, or copied anew.
                remove_data_directory_on_rewind_failure = true,
                remove_data_directory_on_diverged_timelines = true,
            },
            watchdog = new { mode = "off" },
        };

    /// <summary>What all nodes agree on, kept in etcd; see docs/concepts/availability.md.</summary>
    private static object Agreement() =>
        new
        {
            // A primary that does not renew its lock for this long is gone. loop_wait + 2 × retry_timeout must fit into it.
            ttl = 10,
            loop_wait = 1,
            retry_timeout = 3,
            // A primary that crashed is not waited for.
            master_start_timeout = 0,
            // Only the synchronous standby may take over, and it has all that counts.
            maximum_lag_on_failover = 1L << 40,
            synchronous_mode = true,
            // See `synchronous_standby_names` in postgresql.conf.
            synchronous_mode_strict = false,
            check_timeline = true,
            // etcd away, but every node in reach: the primary goes on.
            failsafe_mode = true,
            postgresql = new
            {
                use_pg_rewind = true,
                use_slots = true,
                parameters = new
                {
                    max_connections = 160,
                    max_wal_senders = 12,
                    max_replication_slots = 12,
                },
            },
        };

    private object Login(string role, Secrets secrets) =>
        new
        {
            username = role,
            password = secrets.PasswordOf(role),
            sslmode = "verify-full",
            sslrootcert = _files.Authority,
        };
}
