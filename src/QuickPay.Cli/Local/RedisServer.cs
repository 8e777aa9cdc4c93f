namespace QuickPay.Cli.Local;

/// <summary>
/// A private Redis: TLS on one address and nothing else, a password for each user, an append-only file. Alone, or one of those in
/// <see cref="ReplicatedRedis"/>.
/// <code>
/// redis/               ours; the server may read, not write
///   redis.conf users.acl server.crt server.key ca.crt
///   data/              the server's own
/// </code>
/// </summary>
public sealed class RedisServer : ILocalServer
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);
    private readonly Secrets _secrets;
    private readonly string _folder;
    private readonly string _logs;
    private readonly string _rootCertificate;
    private readonly OsUser? _user;
    private readonly TimeProvider _clock;

    private readonly RedisPlace _place;
    private readonly Func<RedisPlace>? _primary;

    /// <param name="primary">Asked at each start who is primary, itself perhaps: it copies that one. Null: it stands alone.</param>
    internal RedisServer(
        RedisPlace place,
        DataFolder data,
        Secrets secrets,
        string rootCertificate,
        OsUser? user,
        TimeProvider clock,
        Func<RedisPlace>? primary = null
    )
    {
        _folder = Path.Combine(data.Servers, place.Name);
        (_place, _secrets, _rootCertificate, _user, _clock, _logs) = (place, secrets, rootCertificate, user, clock, data.Logs);
        _primary = primary;
    }

    public string Name => _place.Name;

    public string Role => "redis";

    public string Zone => _place.Zone;

    public string Address => _place.Address;

    /// <summary>The only one.</summary>
    public int Port => _place.Port;

    public ChildProcess? Process { get; private set; }

    /// <summary>What it says since its last start; empty before the first.</summary>
    public string LogFile { get; private set; } = "";

    /// <summary>How a user reaches it.</summary>
    /// <param name="user">One of <see cref="RedisUsers"/>.</param>
    public RedisConnection Connection(string user) => new(Address, user, _secrets.PasswordOf(RedisUsers.SecretOf(user)), _rootCertificate);

    /// <summary>Starts it and returns when it answers, which a replica that cannot reach its primary does too.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Who is primary may have changed since the last start.
        WriteConfiguration();
        LogFile = Local.LogFile.Begin(_logs, Name);
        Process = await ChildProcess
            .StartAsync(
                new ChildStart(FindProgram(), [Path.Combine(_folder, "redis.conf")])
                {
                    LogFile = LogFile,
                    WorkingFolder = "/",
                    User = _user,
                    NetworkNamespace = _place.NetworkNamespace,
                }
            )
            .ConfigureAwait(false);
        await new ServerStart(Name, Process, LogFile, _clock)
            .WhenAsync(token => RedisProbe.AnswersAsync(Connection(RedisUsers.Admin), token), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>In order: what was written is on disk afterwards.</summary>
    public async Task StopAsync()
    {
        if (Process is { } process)
            await process.StopAsync(Signal.Terminate, StopPatience, _clock).ConfigureAwait(false);
    }

    /// <summary>kill -9. What was answered is on disk (`appendfsync always`).</summary>
    public async Task KillAsync()
    {
        if (Process is not { } process)
            return;
        process.TrySignal(Signal.Kill);
        await process.Exited.ConfigureAwait(false);
    }

    internal void Prepare(Certificates certificates)
    {
        PrivateFile.FolderReadableBy(_user, _folder);
        PrivateFile.FolderOf(_user, Path.Combine(_folder, "data"));
        certificates.Issue("QuickPay Redis", Certificate, Key, _user, _place.Host);
        PrivateFile.Write(Path.Combine(_folder, "ca.crt"), File.ReadAllText(_rootCertificate), _user);
        PrivateFile.Write(Path.Combine(_folder, "users.acl"), RedisUsers.OfServer(_secrets, replicated: _primary is not null), _user);
    }

    private string Certificate => Path.Combine(_folder, "server.crt");

    private string Key => Path.Combine(_folder, "server.key");

    private void WriteConfiguration() =>
        PrivateFile.Write(
            Path.Combine(_folder, "redis.conf"),
            _primary is null ? Configuration() : Configuration() + Replication(_primary()),
            _user
        );

    private string Configuration() =>
        $"""
            # Written at each start of QuickPay: changes belong in the code.
            bind {_place.Host}
            port 0
            tls-port {Port}
            tls-cert-file "{Certificate}"
            tls-key-file "{Key}"
            tls-ca-cert-file "{Path.Combine(_folder, "ca.crt")}"
            # The client proves itself by its password.
            tls-auth-clients no
            tls-protocols "TLSv1.3"
            aclfile "{Path.Combine(_folder, "users.acl")}"

            dir "{Path.Combine(_folder, "data")}"
            # Sessions outlive a restart, and so does a log-out that was answered: the session of a stolen phone must not come back with
            # a crash. Log-ins and log-outs are few; checks only read.
            appendonly yes
            appendfsync always
            save ""

            # Sessions live here. An evicted session would log its member out, and eviction takes them by their luck, not by their age: a full
            # Redis refuses new writes instead, which is seen at once, while all sessions go on.
            maxmemory 256mb
            maxmemory-policy noeviction
            """ + "\n";

    private string Replication(RedisPlace primary)
    {
        // Which it is, it also learns from the sentinels while it runs; they cannot write this file, and need not.
        var copies = primary == _place ? "# The primary at this start." : $"replicaof {primary.Host} {primary.Port}";
        return $"""

            {copies}
            masteruser {RedisUsers.Replica}
            masterauth {_secrets.PasswordOf(RedisUsers.SecretOf(RedisUsers.Replica))}
            tls-replication yes
            bind-source-addr {_place.Host}
            replica-announce-ip {_place.Host}
            replica-announce-port {Port}
            # No user is without a password, and the default one is off.
            protected-mode no

            # A primary that lost all its replicas, as one that was cut off, takes no more writes: others may already have another primary.
            min-replicas-to-write 1
            min-replicas-max-lag 3
            # A replica that cannot reach its primary knows of no log-out any more: it answers nothing.
            replica-serve-stale-data no
            repl-ping-replica-period 1
            repl-timeout 5
            repl-diskless-sync-delay 0
            shutdown-timeout 3

            """;
    }

    internal static string FindProgram() =>
        File.Exists("/usr/bin/redis-server")
            ? "/usr/bin/redis-server"
            : throw new LocalException("/usr/bin/redis-server is missing. Install Redis: apt-get install redis-server");
}
