using System.Security.Cryptography;
using System.Text;

namespace QuickPay.Cli.Local;

/// <summary>
/// One of the three that watch the servers of <see cref="ReplicatedRedis"/> and choose a new primary: two must agree that the old one is
/// gone. TLS, a password for each user.
/// <code>
/// sentinel-a/          ours; the sentinel may read, not write
///   users.acl sentinel.crt sentinel.key ca.crt
///   data/              its own
///     sentinel.conf    made by us once, then rewritten by it: it remembers there who is primary
/// </code>
/// </summary>
public sealed class SentinelServer : ILocalServer
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private readonly RedisPlace _place;
    private readonly Secrets _secrets;
    private readonly string _folder;
    private readonly string _logs;
    private readonly string _rootCertificate;
    private readonly OsUser? _user;
    private readonly TimeProvider _clock;

    internal SentinelServer(RedisPlace place, DataFolder data, Secrets secrets, string rootCertificate, OsUser? user, TimeProvider clock)
    {
        _folder = Path.Combine(data.Servers, place.Name);
        (_place, _secrets, _rootCertificate, _user, _clock, _logs) = (place, secrets, rootCertificate, user, clock, data.Logs);
    }

    public string Name => _place.Name;

    public string Role => "sentinel";

    public string Zone => _place.Zone;

    public string Address => _place.Address;

    public ChildProcess? Process { get; private set; }

    /// <summary>What it says since its last start; empty before the first.</summary>
    public string LogFile { get; private set; } = "";

    /// <summary>What it remembers; null before its first start.</summary>
    internal SentinelFile? Memory => SentinelFile.Read(MemoryFile);

    private string MemoryFile => Path.Combine(_folder, "data", "sentinel.conf");

    /// <summary>By this the others know it, also after a restart: forty hexadecimal digits.</summary>
    private string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}@{Address}")))[..40];

    /// <summary>How a user reaches it.</summary>
    /// <param name="user">One of <see cref="RedisUsers"/>.</param>
    public RedisConnection Connection(string user) => new(Address, user, PasswordOf(user), _rootCertificate);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LogFile = Local.LogFile.Begin(_logs, Name);
        Process = await ChildProcess
            .StartAsync(
                new ChildStart(RedisServer.FindProgram(), [MemoryFile, "--sentinel"])
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

    public async Task StopAsync()
    {
        if (Process is { } process)
            await process.StopAsync(Signal.Terminate, StopPatience, _clock).ConfigureAwait(false);
    }

    /// <summary>Its file is made when there is none, or when it is of other addresses; else what the sentinel wrote there stays.</summary>
    internal void Prepare(Certificates certificates, ReplicatedRedis.Known known)
    {
        PrivateFile.FolderReadableBy(_user, _folder);
        PrivateFile.FolderOf(_user, Path.Combine(_folder, "data"));
        var (certificate, key) = (Path.Combine(_folder, "sentinel.crt"), Path.Combine(_folder, "sentinel.key"));
        certificates.Issue("QuickPay Redis sentinel", certificate, key, _user, _place.Host);
        PrivateFile.Write(Path.Combine(_folder, "ca.crt"), File.ReadAllText(_rootCertificate), _user);
        PrivateFile.Write(Path.Combine(_folder, "users.acl"), RedisUsers.OfSentinel(_secrets), _user);
        if (Memory?.Layout != known.Layout)
            PrivateFile.WriteFor(_user, MemoryFile, Configuration(known, certificate, key));
    }

    private string Configuration(ReplicatedRedis.Known known, string certificate, string key)
    {
        const string Service = ReplicatedRedis.Service;
        var others = known.Sentinels.Where(sentinel => sentinel != this);
        // Whom it would find by itself, in ten seconds: a start is complete sooner.
        var introduced = string.Concat(
            known
                .Replicas.Select(replica => $"sentinel known-replica {Service} {replica.Host} {replica.Port}\n")
                .Concat(others.Select(other => $"sentinel known-sentinel {Service} {other._place.Host} {other._place.Port} {other.Id}\n"))
        );
        return $"""
            {SentinelFile.FirstLine(known.Layout)}
            # Made once for these addresses; after that it is the sentinel's own, and what it remembers is in it.
            bind {_place.Host}
            bind-source-addr {_place.Host}
            port 0
            tls-port {_place.Port}
            tls-cert-file "{certificate}"
            tls-key-file "{key}"
            tls-ca-cert-file "{Path.Combine(_folder, "ca.crt")}"
            tls-auth-clients no
            tls-protocols "TLSv1.3"
            tls-replication yes
            aclfile "{Path.Combine(_folder, "users.acl")}"
            dir "{Path.Combine(_folder, "data")}"
            # No user is without a password, and the default one is off.
            protected-mode no
            sentinel myid {Id}
            sentinel resolve-hostnames no
            sentinel deny-scripts-reconfig yes
            sentinel announce-ip {_place.Host}
            sentinel announce-port {_place.Port}
            sentinel sentinel-user {RedisUsers.Peer}
            sentinel sentinel-pass {PasswordOf(RedisUsers.Peer)}
            sentinel monitor {Service} {known.Primary.Host} {known.Primary.Port} 2
            sentinel auth-user {Service} {RedisUsers.Sentinel}
            sentinel auth-pass {Service} {PasswordOf(RedisUsers.Sentinel)}
            # A sentinel connects anew at most once a second: with less than two, a server that it has just lost or been told of was taken
            # for dead, and replaced, while it was well.
            sentinel down-after-milliseconds {Service} 2000
            # An election in which each voted for itself is repeated after twice this; a promotion must be done within it.
            sentinel failover-timeout {Service} 3000
            sentinel parallel-syncs {Service} 1
            sentinel config-epoch {Service} {known.Epoch}
            sentinel leader-epoch {Service} {known.CurrentEpoch}
            sentinel current-epoch {known.CurrentEpoch}
            {introduced}
            """;
    }

    private string PasswordOf(string user) => _secrets.PasswordOf(RedisUsers.SecretOf(user));
}
