using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>Three real API processes behind an edge, with members who must not notice that one is killed or all are replaced.</summary>
public sealed class RealServersTests(TestServers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(3);
    private readonly List<HostServer> _processes = [];
    private TestDatabase _database = null!;
    private ApiBank _bank = null!;
    private ApiMember[] _members = null!;
    private EdgeUnderTest _edge = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _bank = ApiBank.Open(_database);
        _members = [await _bank.JoinAsync(funds: 300_000), await _bank.JoinAsync(funds: 300_000), await _bank.JoinAsync(funds: 300_000)];
        for (var number = 1; number <= 3; number++)
        {
            var settings = _database.ApiSettings($"http://127.0.0.1:{Ports.FreeFrom(null)}", "");
            var process = new HostServer(
                $"api-{number}-of-{_database.Name}",
                "api",
                "QuickPay.Api",
                settings,
                servers.Shared.Data,
                TimeProvider.System
            );
            await process.StartAsync(TestContext.Current.CancellationToken);
            _processes.Add(process);
        }
        _edge = await EdgeUnderTest.StartAsync(_processes.Select(process => (process.Name, process.Address)));
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await _edge.DisposeAsync();
        await Task.WhenAll(_processes.Select(process => process.StopAsync()));
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Kill_9_of_one_of_three_under_500_requests_a_second_is_no_member_s_business()
    {
        await using var traffic = new MemberTraffic(_edge, _members, perSecond: 500);
        var started = TimeProvider.System.GetTimestamp();
        traffic.Start();
        await traffic.GoesOnAsync(1_000);

        var victim = _processes[1];
        var killed = TimeProvider.System.GetTimestamp();
        await victim.KillAsync();
        await IsAsync(victim, "unhealthy");
        var outAfter = TimeProvider.System.GetElapsedTime(killed);
        await traffic.GoesOnAsync(1_000);

        await victim.StartAsync(TestContext.Current.CancellationToken);
        var ready = TimeProvider.System.GetTimestamp();
        await IsAsync(victim, "healthy");
        var backAfter = TimeProvider.System.GetElapsedTime(ready);
        await traffic.GoesOnAsync(1_000);
        await traffic.LeaveAsync(TimeProvider.System.GetElapsedTime(started));

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"Out after {outAfter.TotalMilliseconds:0} ms, back after {backAfter.TotalMilliseconds:0} ms."
        );
        Assert.Empty(traffic.Failures);
        Assert.InRange(outAfter, TimeSpan.Zero, Promised);
        Assert.InRange(backAfter, TimeSpan.Zero, Promised);
        await AreInTheBooksOnceAsync(traffic.Transfers);
    }

    [Fact]
    public async Task A_rolling_restart_under_load_fails_no_request()
    {
        await using var traffic = new MemberTraffic(_edge, _members, perSecond: 200) { WithUnrepeatable = true };
        var started = TimeProvider.System.GetTimestamp();
        traffic.Start();
        await traffic.GoesOnAsync(200);

        foreach (var process in _processes)
        {
            await process.StopAsync();
            Assert.Equal(0, await process.Process!.Exited);
            await process.StartAsync(TestContext.Current.CancellationToken);
            await IsAsync(process, "healthy");
            await traffic.GoesOnAsync(50);
        }
        await traffic.LeaveAsync(TimeProvider.System.GetElapsedTime(started));

        Assert.Empty(traffic.Failures);
        await AreInTheBooksOnceAsync(traffic.Transfers);
    }

    private Task IsAsync(HostServer process, string health) =>
        Eventually.IsTrueAsync(
            async () => await HealthTests.HealthOfAsync(_edge, process.Name) == health,
            $"{process.Name} is {health} to the edge"
        );

    private async Task AreInTheBooksOnceAsync(IReadOnlyCollection<Guid> acknowledged)
    {
        Assert.NotEmpty(acknowledged);
        Assert.Equal(acknowledged.Count, acknowledged.Distinct().Count());
        var accounts = string.Join(',', _members.Select(member => $"'{member.AccountId}'"));
        // Everything was acknowledged, so that the books have that and no more.
        Assert.Equal(acknowledged.Count, await _bank.AskAsync<long>($"SELECT count(*) FROM transfers WHERE debit_account IN ({accounts})"));
        Assert.Equal(
            acknowledged.Count,
            await _bank.AskAsync<long>(
                $"SELECT count(*) FROM transfers WHERE id IN ({string.Join(',', acknowledged.Select(id => $"'{id}'"))})"
            )
        );
    }
}
