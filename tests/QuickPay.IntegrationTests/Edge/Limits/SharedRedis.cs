using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using QuickPay.Cli.Local;
using QuickPay.Edge.Limits;
using QuickPay.IntegrationTests.Support;
using RedisConnection = QuickPay.Redis.RedisConnection;
using RedisOptions = QuickPay.Redis.RedisOptions;

namespace QuickPay.IntegrationTests.Edge.Limits;

/// <summary>Edges that share one Redis, and a hash key of their own: what other tests count has other names.</summary>
internal sealed class SharedRedis : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quickpay-limits-");
    private readonly List<RedisConnection> _connections = [];
    private readonly List<SharedLeases> _leases = [];
    private readonly Cli.Local.RedisConnection _redis;

    public SharedRedis(LocalServers servers)
        : this(servers.Redis.Connection(RedisUsers.Edge)) { }

    public SharedRedis(Cli.Local.RedisConnection redis)
    {
        _redis = redis;
        File.WriteAllText(HashKeyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
    }

    public string HashKeyFile => Path.Combine(_folder.FullName, "rate-limits.key");

    /// <summary>Do all of them count in Redis?</summary>
    public bool IsShared => _leases.TrueForAll(leases => leases.AreShared(TimeProvider.System.GetTimestamp()));

    /// <summary>What an <see cref="EdgeUnderTest"/> has to be told.</summary>
    public IEnumerable<(string Name, string Value)> Settings =>
        [
            ("Redis:Endpoints", _redis.Endpoints),
            ("Redis:Username", _redis.Username),
            ("Redis:Password", _redis.Password),
            ("Redis:RootCertificate", _redis.RootCertificate),
            ("RateLimits:HashKeyFile", HashKeyFile),
        ];

    /// <summary>The limits of one more edge, without an edge around them.</summary>
    /// <param name="limits">Whose hash key is replaced.</param>
    public async Task<RateLimits> ConnectAsync(Func<string, RateLimitOptions>? limits = null)
    {
        var connection = new RedisConnection(
            Options.Create(
                new RedisOptions
                {
                    Endpoints = _redis.Endpoints,
                    SentinelService = _redis.SentinelService,
                    Username = _redis.Username,
                    Password = _redis.Password,
                    RootCertificate = _redis.RootCertificate,
                    TimeoutMs = 5_000,
                }
            )
        );
        _connections.Add(connection);
        await Eventually.IsTrueAsync(connection.IsReadyAsync, "Redis answers");
        var options = limits?.Invoke(HashKeyFile) ?? new RateLimitOptions { HashKeyFile = HashKeyFile };
        var log = new TestLog<SharedLeases>(TestContext.Current.TestOutputHelper);
        // A busy machine may pause this process for longer than an edge would wait.
        var leases = new SharedLeases(() => connection.Database, TimeSpan.FromSeconds(5), TimeProvider.System, log);
        _leases.Add(leases);
        return new RateLimits(options, leases, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
        _folder.Delete(recursive: true);
    }
}
