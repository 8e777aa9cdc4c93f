namespace QuickPay.Cli.Local;

/// <summary>The users of Redis.</summary>
public static class RedisUsers
{
    public const string Api = "qp_api";

    /// <summary>Counts requests, and sees nothing of sessions.</summary>
    public const string Edge = "qp_edge";

    /// <summary>May do everything: for tests and people, in no settings file.</summary>
    public const string Admin = "qp_admin";

    internal static readonly string[] All = [Api, Edge, Admin];

    /// <summary>The name of a user's password among the secrets, where PostgreSQL has roles of the same names.</summary>
    internal static string SecretOf(string user) => $"redis/{user}";
}

/// <summary>
/// A private Redis: TLS on loopback and nothing else, a password for each user, an append-only file.
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

    internal RedisServer(DataFolder data, Secrets secrets, string rootCertificate, OsUser? user, int port, TimeProvider clock)
    {
        _folder = Path.Combine(data.Servers, "redis");
        (_secrets, _rootCertificate, _user, Port, _clock, _logs) = (secrets, rootCertificate, user, port, clock, data.Logs);
    }

    public string Name => "redis";

    public string Role => "redis";

    public string Address => $"127.0.0.1:{Port}";

    public int Port { get; }

    public ChildProcess? Process { get; private set; }

    public string LogFile { get; private set; } = "";

    /// <summary>How a user reaches it.</summary>
    /// <param name="user">One of <see cref="RedisUsers"/>.</param>
    public RedisConnection Connection(string user) => new(Address, user, _secrets.PasswordOf(RedisUsers.SecretOf(user)), _rootCertificate);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LogFile = Local.LogFile.Begin(_logs, Name);
        Process = await ChildProcess
            .StartAsync(
                new ChildStart(FindProgram(), [Path.Combine(_folder, "redis.conf")])
                {
                    LogFile = LogFile,
                    WorkingFolder = "/",
                    User = _user,
                }
            )
            .ConfigureAwait(false);
        while (!await RedisProbe.AnswersAsync(Connection(RedisUsers.Admin), cancellationToken).ConfigureAwait(false))
        {
            if (Process.Exited.IsCompleted)
                throw Local.LogFile.Explain("Redis", await Process.Exited.ConfigureAwait(false), LogFile);
            await Task.Delay(TimeSpan.FromMilliseconds(30), _clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>In order: what was written is on disk afterwards.</summary>
    public async Task StopAsync()
    {
        if (Process is { } process)
            await process.StopAsync(Signal.Terminate, StopPatience, _clock).ConfigureAwait(false);
    }

    /// <summary>kill -9; up to a second of writes may be lost, as with any Redis.</summary>
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
        var (certificate, key) = (Path.Combine(_folder, "server.crt"), Path.Combine(_folder, "server.key"));
        certificates.IssueForLoopback("QuickPay Redis", certificate, key, _user);
        PrivateFile.Write(Path.Combine(_folder, "ca.crt"), File.ReadAllText(_rootCertificate), _user);
        PrivateFile.Write(Path.Combine(_folder, "users.acl"), AccessList(), _user);
        PrivateFile.Write(Path.Combine(_folder, "redis.conf"), Configuration(certificate, key), _user);
    }

    private string Configuration(string certificate, string key) =>
        $"""
            # Written at each start of QuickPay: changes belong in the code.
            bind 127.0.0.1
            port 0
            tls-port {Port}
            tls-cert-file "{certificate}"
            tls-key-file "{key}"
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

    // Our keys and the commands that work on keys; nothing that looks at, changes or stops the server, or walks through all keys. INFO and
    // CONFIG GET are what StackExchange.Redis asks at connect: it may know the version, not the configuration.
    //
    // The default user may do everything and is off: nobody can log in as it, but Redis itself replays its append-only file in that name,
    // and drops every transaction (each script is one) that the user has no right to: sessions were gone after a restart.
    private string AccessList()
    {
        const string OurKeys =
            "~qp:* &qp:* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting -@dangerous +info -keys -function";
        // An edge stands where strangers come in: it gets the commands of its one script (LeaseScript) and those of a connection.
        const string LimitKeys =
            "~rate:* resetchannels -@all +@connection -@dangerous +info "
            + "+eval +evalsha +script|load +time +lindex +llen +lpop +rpush +pexpire";
        return $"""
            user default off ~* &* +@all
            user {RedisUsers.Api} on #{HashOf(RedisUsers.Api)} {OurKeys}
            user {RedisUsers.Edge} on #{HashOf(RedisUsers.Edge)} {LimitKeys}
            user {RedisUsers.Admin} on #{HashOf(RedisUsers.Admin)} ~* &* +@all

            """;
    }

    private string HashOf(string user) => _secrets.RedisHashOf(RedisUsers.SecretOf(user));

    private static string FindProgram() =>
        File.Exists("/usr/bin/redis-server")
            ? "/usr/bin/redis-server"
            : throw new LocalException("/usr/bin/redis-server is missing. Install Redis: apt-get install redis-server");
}
