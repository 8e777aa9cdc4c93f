using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Edge.Limits;
using QuickPay.IntegrationTests.Members;
using QuickPay.IntegrationTests.Support;
using QuickPay.Redis;
using QuickPay.Sessions;
using QuickPay.Telemetry;
using QuickPay.Tests.Support;
using RedisConnection = QuickPay.Redis.RedisConnection;

namespace QuickPay.IntegrationTests.Sessions;

/// <summary>Redis in three zones loses its primary; members keep their sessions, and what was answered stays so.</summary>
[Collection(nameof(Alone))]
public sealed class RedisFailoverTests(ThreeZoneRedis zones, TestServers servers, ITestOutputHelper output)
    : IClassFixture<ThreeZoneRedis>,
        IAsyncLifetime
{
    /// <summary>From the death of a primary until sessions can be opened again: the goal is 5 s, and an election is now and then repeated.</summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(30);

    private TestDatabase _database = null!;
    private MemberApp _seoul = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SessionStore Store => _seoul.Service<SessionStore>();

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        await zones.HealAsync();
        _seoul = await StartAppAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _seoul.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task When_the_primary_is_killed_every_session_that_was_granted_lives_on_and_every_log_out_stays()
    {
        var kim = await _seoul.JoinAsync();
        var phone = await _seoul.LogInAsync(kim, "phone");
        var tablet = await _seoul.LogInAsync(kim, "tablet");
        Assert.Equal(204, (await _seoul.DeleteAsync($"/v1/sessions/{tablet.Id}", phone)).Status);
        var crowd = new SessionCrowd(Store);
        await Eventually.IsTrueAsync(() => crowd.Ended.Count > 20, "members come and go");

        var primary = await zones.PrimaryAsync();
        await primary.KillAsync();
        await OpensAgainAsync("killed");
        await crowd.LeaveAsync();

        Assert.NotSame(primary, await zones.PrimaryAsync());
        Assert.Equal(200, (await _seoul.GetAsync("/v1/members/me", phone)).Status);
        await _seoul.LogInAsync(kim, "new phone");
        // A server that has seen none of them believes Redis alone.
        await using var busan = await StartAppAsync();
        Assert.Equal(200, (await busan.GetAsync("/v1/members/me", phone)).Status);
        Assert.Equal("session_revoked", (await busan.GetAsync("/v1/members/me", tablet)).Body.Code());
        var checker = busan.Service<SessionChecker>();
        foreach (var caller in crowd.Granted)
        {
            Assert.Equal(SessionState.Active, await checker.CheckAsync(caller));
        }
        foreach (var caller in crowd.Ended)
        {
            Assert.Equal(SessionState.Revoked, await checker.CheckAsync(caller));
        }
        output.WriteLine($"{crowd.Granted.Count} granted, {crowd.Ended.Count} ended");

        await primary.StartAsync(Cancellation);
        await zones.Redis.WhenCompleteAsync(Cancellation);
        Assert.StartsWith("slave ", await RoleAsync(primary), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_primary_that_hangs_is_replaced_and_takes_no_changes_when_it_wakes()
    {
        var known = await OpensAgainAsync("whole");
        Assert.Equal(SessionState.Active, await CheckAsync(known));
        var primary = await zones.PrimaryAsync();

        primary.Process!.TrySignal(Signal.Stop);
        Assert.Equal(SessionState.Active, await CheckAsync(known));
        var during = await OpensAgainAsync("frozen");
        primary.Process.TrySignal(Signal.Continue);

        // The sentinels make a replica of it after some ten seconds. Until then it has none of its own.
        await Eventually.IsTrueAsync(
            async () =>
                await RedisProbe.TryAskAsync(primary.Connection(RedisUsers.Admin), "SET qp:late 1", Cancellation) is { } answer
                && answer.StartsWith("-NOREPLICAS", StringComparison.Ordinal),
            "the old primary takes no changes"
        );
        await primary.KillAsync();
        await primary.StartAsync(Cancellation);
        await zones.Redis.WhenCompleteAsync(Cancellation);
        Assert.NotSame(primary, await zones.PrimaryAsync());
        await using var busan = await StartAppAsync();
        Assert.Equal(SessionState.Active, await busan.Service<SessionChecker>().CheckAsync(known));
        Assert.Equal(SessionState.Active, await busan.Service<SessionChecker>().CheckAsync(during));
    }

    [Fact]
    public async Task What_no_replica_has_is_not_answered_as_done()
    {
        var before = await OpensAgainAsync("whole");
        var primary = await zones.PrimaryAsync();
        var replicas = zones.Redis.Servers.Where(server => server != primary).ToList();
        // It was answered when one replica had it; whichever is promoted shall know of it.
        var admin = primary.Connection(RedisUsers.Admin);
        var written = await RedisProbe.AskAsync(admin, [RedisProbe.LogIn(admin), "SET qp:everywhere 1", "WAIT 2 5000"], Cancellation);
        Assert.Equal(":2", written[2]);
        long unreplicated = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == RedisMetrics.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref unreplicated, count));
        listener.Start();

        replicas.ForEach(replica => replica.Process!.TrySignal(Signal.Stop));
        try
        {
            await UnavailableAsync(() => Store.OpenAsync(Member(), null));
            await UnavailableAsync(() => Store.RevokeAsync(before.MemberId, before.SessionId));
            // Checks do not stand behind those that wait.
            Assert.Equal(SessionState.Revoked, await CheckAsync(before));
        }
        finally
        {
            // They never wake: what waits in their sockets is lost with them, and what only the primary had, with it.
            await Task.WhenAll(zones.Redis.Servers.Select(server => server.KillAsync()));
        }
        await Task.WhenAll(replicas.Select(replica => replica.StartAsync(Cancellation)));

        Assert.Equal(2, unreplicated);
        await OpensAgainAsync("all killed, the replicas started");
        Assert.Equal(SessionState.Active, await CheckAsync(before));
    }

    [Fact]
    public async Task Without_two_sentinels_nobody_is_promoted_and_everything_fails_fast_until_they_are_back()
    {
        var known = await OpensAgainAsync("whole");
        Assert.Equal(SessionState.Active, await CheckAsync(known));
        var primary = await zones.PrimaryAsync();
        var gone = zones.Redis.Sentinels.Take(2).ToList();
        await Task.WhenAll(gone.Select(sentinel => sentinel.StopAsync()));

        await primary.KillAsync();
        await Eventually.IsTrueAsync(
            () => File.ReadAllText(zones.Redis.Sentinels[2].LogFile).Contains("+sdown master", StringComparison.Ordinal),
            "the last sentinel sees that it has gone"
        );

        Assert.Equal(SessionState.Active, await CheckAsync(known));
        var started = TimeProvider.System.GetTimestamp();
        await UnavailableAsync(() => Store.OpenAsync(Member(), null));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 2);
        Assert.Same(primary, await zones.PrimaryAsync());

        await Task.WhenAll(gone.Select(sentinel => sentinel.StartAsync(Cancellation)));
        await OpensAgainAsync("without sentinels");
        Assert.NotSame(primary, await zones.PrimaryAsync());
        Assert.Equal(SessionState.Active, await CheckAsync(known));
    }

    [Fact]
    public async Task Without_replicas_changes_are_refused_at_once_and_checks_go_on()
    {
        var known = await OpensAgainAsync("whole");
        var primary = await zones.PrimaryAsync();
        var replicas = zones.Redis.Servers.Where(server => server != primary).ToList();
        await Task.WhenAll(replicas.Select(replica => replica.KillAsync()));

        await Eventually.IsTrueAsync(
            async () =>
                (await UnavailableAsync(() => Store.OpenAsync(Member(), null))).Message.StartsWith("NOREPLICAS", StringComparison.Ordinal),
            "the primary knows that it is alone"
        );
        var started = TimeProvider.System.GetTimestamp();
        await UnavailableAsync(() => Store.RevokeAsync(known.MemberId, known.SessionId));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds, 0, 400);
        Assert.Equal(SessionState.Active, await CheckAsync(known));

        await Task.WhenAll(replicas.Select(replica => replica.StartAsync(Cancellation)));
        await OpensAgainAsync("alone");
        Assert.True(await Store.RevokeAsync(known.MemberId, known.SessionId));
        Assert.Same(primary, await zones.PrimaryAsync());
    }

    [Fact]
    public async Task An_edge_counts_on_at_the_new_primary()
    {
        await using var edge = new SharedRedis(zones.Redis.Connection(RedisUsers.Edge));
        var limits = await edge.ConnectAsync();
        Assert.True((await limits.LoginAddress.TakeAsync(1)).IsAllowed);
        Assert.True(edge.IsShared);
        var primary = await zones.PrimaryAsync();

        await Eventually.IsTrueAsync(
            async () =>
                await RedisProbe.TryAskAsync(
                    zones.Redis.Sentinels[0].Connection(RedisUsers.Admin),
                    $"SENTINEL FAILOVER {ReplicatedRedis.Service}",
                    Cancellation
                ) == "+OK",
            "a sentinel finds a replica fit to be primary"
        );

        await Eventually.IsTrueAsync(async () => await zones.PrimaryAsync() != primary, "another one is primary");
        var switched = TimeProvider.System.GetTimestamp();
        UInt128 address = 2;
        await Eventually.IsTrueAsync(
            async () =>
            {
                await limits.LoginAddress.TakeAsync(address++);
                return edge.IsShared && await KeysAsync(await zones.PrimaryAsync(), "rate:*") > 0;
            },
            "the new primary counts"
        );
        output.WriteLine($"{TimeProvider.System.GetElapsedTime(switched).TotalSeconds:0.00} s until it counted there");
    }

    [Fact]
    public async Task Whatever_goes_wrong_with_an_answer_sentinels_are_asked_again()
    {
        using var log = new RecordedLog();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var host = zones.Redis.Connection(RedisUsers.Api);
        var options = new RedisOptions
        {
            Endpoints = host.Endpoints,
            SentinelService = host.SentinelService,
            Username = host.Username,
            Password = host.Password,
            RootCertificate = host.RootCertificate,
        };
        var told = 0;
        await using var sentinels = new Sentinels(
            options,
            loggers,
            (_, _) =>
                Interlocked.Increment(ref told) % 2 == 0 ? throw new InvalidOperationException() : throw new OperationCanceledException()
        );

        // One answer of each would be the end of all.
        await Eventually.IsTrueAsync(() => Volatile.Read(ref told) > 2 * zones.Redis.Sentinels.Count, "they are asked again");
        Assert.Contains(log.Lines, line => line is { Id: 1105, Level: LogLevel.Error });
    }

    private static Guid Member() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    private async Task<MemberApp> StartAppAsync()
    {
        var app = await MemberApp.StartAsync(_database.ApiSettings("", "") with { Redis = zones.Redis.Connection(RedisUsers.Api) });
        // Right after a failover the sentinels may not be of one mind yet, and a server that has just started knows no session.
        await Eventually.IsTrueAsync(app.Service<RedisConnection>().IsReadyAsync, "it has found the primary");
        return app;
    }

    private async Task<SessionState> CheckAsync(Caller caller) => await _seoul.Service<SessionChecker>().CheckAsync(caller);

    /// <summary>Opens a session, again and again until it is granted.</summary>
    private async Task<Caller> OpensAgainAsync(string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        GrantedSession? granted = null;
        await Eventually.IsTrueAsync(async () => (granted = await TryOpenAsync(Store)) is not null, "sessions can be opened again");
        var took = TimeProvider.System.GetElapsedTime(started);
        output.WriteLine($"{what}: {took.TotalSeconds:0.00} s until a session was opened");
        Assert.InRange(took, TimeSpan.Zero, Promised);
        return granted!.Caller;
    }

    private static async Task<GrantedSession?> TryOpenAsync(SessionStore store)
    {
        try
        {
            return await store.OpenAsync(Member(), null);
        }
        catch (Exception e) when (RedisConnection.IsUnavailable(e))
        {
            return null;
        }
    }

    private static async Task<Exception> UnavailableAsync(Func<Task> change)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(change);
        Assert.True(RedisConnection.IsUnavailable(refused), refused.ToString());
        return refused;
    }

    private static Task<string?> RoleAsync(RedisServer server) =>
        RedisProbe.TryAskAsync(server.Connection(RedisUsers.Admin), "ROLE", Cancellation);

    private static async Task<int> KeysAsync(RedisServer server, string pattern) =>
        (await RedisProbe.TryAskAsync(server.Connection(RedisUsers.Admin), $"KEYS {pattern}", Cancellation))?.Length ?? 0;

    /// <summary>Members who log in all the time, and out again, half of them; it notes what they were answered.</summary>
    private sealed class SessionCrowd
    {
        private volatile bool _leaving;
        private readonly List<Task> _members;

        public SessionCrowd(SessionStore store) =>
            _members = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => ComeAndGoAsync(store)))];

        public ConcurrentBag<Caller> Granted { get; } = [];

        public ConcurrentBag<Caller> Ended { get; } = [];

        public Task LeaveAsync()
        {
            _leaving = true;
            return Task.WhenAll(_members);
        }

        private async Task ComeAndGoAsync(SessionStore store)
        {
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            for (var i = 0; !_leaving; i++)
            {
                await pause.WaitForNextTickAsync(CancellationToken.None);
                if (await TryOpenAsync(store) is not { Caller: var caller })
                {
                    continue;
                }
                if (i % 2 == 0)
                {
                    Granted.Add(caller);
                    continue;
                }
                try
                {
                    if (await store.RevokeAsync(caller.MemberId, caller.SessionId))
                    {
                        Ended.Add(caller);
                    }
                }
                catch (Exception e) when (RedisConnection.IsUnavailable(e))
                {
                    // Told to try again: it may have ended or not.
                }
            }
        }
    }
}
