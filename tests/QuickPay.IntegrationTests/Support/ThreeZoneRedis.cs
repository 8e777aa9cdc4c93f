using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Support;

/// <summary>Redis in three zones for one test class, which may kill and freeze it; each test begins with all of it in step.</summary>
public sealed class ThreeZoneRedis : IAsyncLifetime
{
    private static int s_used;

    // Addresses of its own: free ports are looked for on 127.0.0.1 alone.
    private readonly string _network = $"127.{1 + (Environment.ProcessId % 250)}.{Interlocked.Increment(ref s_used)}";
    private readonly DataFolder _data = DataFolder.Temporary("redis");
    private readonly OsUser? _user = OsUser.StepDownTo("redis", "redis-server");
    private Secrets _secrets = null!;
    private Certificates _certificates = null!;

    internal ReplicatedRedis Redis { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _data.Create();
        // So that a run after one that was killed knows whose folder this was.
        new RunState { Owner = ProcessIdentity.Of(Environment.ProcessId) }.Write(_data);
        await _data.PlaceServersAsync([.. new[] { _user }.OfType<OsUser>()], _ => { }, Cancellation);
        _secrets = Secrets.LoadOrCreate(_data.Secrets, RedisUsers.All.Select(RedisUsers.SecretOf));
        _certificates = Certificates.LoadOrCreate(_data.Tls, TimeProvider.System);
        Redis = OnNewPorts();
        await Redis.StartAsync(Cancellation);
    }

    /// <summary>The same data, somewhere else. Only one of them may run.</summary>
    internal ReplicatedRedis OnNewPorts()
    {
        List<int> ports = [];
        var zones = new List<RedisZone>();
        foreach (var name in (ReadOnlySpan<string>)["a", "b", "c"])
        {
            zones.Add(new RedisZone(name, $"{_network}.{11 + zones.Count}", Next(), Next()));
        }
        return new ReplicatedRedis(_data, _secrets, _certificates, TimeProvider.System, _user, zones);

        int Next()
        {
            ports.Add(Ports.FreeFrom(null, ports));
            return ports[^1];
        }
    }

    /// <summary>Starts what an earlier test left stopped, and waits until all is in step.</summary>
    internal async Task HealAsync()
    {
        foreach (var server in Redis.Servers.Concat<ILocalServer>(Redis.Sentinels))
        {
            if (server.Process is null or { Exited.IsCompleted: true })
            {
                await server.StartAsync(Cancellation);
            }
            server.Process!.TrySignal(Signal.Continue);
        }
        await Redis.WhenCompleteAsync(Cancellation);
    }

    internal async Task<RedisServer> PrimaryAsync() =>
        await Redis.FindPrimaryAsync(Cancellation) ?? throw new InvalidOperationException("No sentinel names a primary.");

    public async ValueTask DisposeAsync()
    {
        await Redis.StopAsync();
        _data.Delete();
    }
}
