using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Transfers;
using QuickPay.Worker;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>Of several workers one leads, and nothing that happens to it makes two, or none for long.</summary>
[Collection(nameof(Alone))]
public sealed class LeadershipTests(TestServers servers) : IAsyncLifetime
{
    /// <summary>For a busy machine.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    private TestDatabase _database = null!;
    private Superuser _superuser = null!;
    private LedgerBank _bank = null!;
    private NpgsqlDataSource _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _superuser = new Superuser(_database);
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
        _worker = NpgsqlDataSource.Create(_database.Worker.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await using var worker = _worker;
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Jobs_run_on_the_leader_alone_and_go_on_elsewhere_when_it_stops()
    {
        await using var one = WorkerUnderTest.On(_database);
        await using var two = WorkerUnderTest.On(_database);
        await one.StartAsync();
        await Eventually.IsTrueAsync(() => one.Leads, "the first leads");
        Assert.Equal(1, LeaderMetric());

        await two.StartAsync();
        await Eventually.IsTrueAsync(async () => await CountSessionsAsync() == 2, "the second stands by");
        var before = one.Turns.Count;
        // 20 ms each: two questions of the second for the lock.
        await Eventually.IsTrueAsync(() => one.Turns.Count >= before + 100, "the first does its work");
        Assert.Equal((true, false, 0), (one.Leads, two.Leads, two.Turns.Count));

        await one.StopAsync();
        var last = one.Turns.Count;
        await Eventually.IsTrueAsync(() => two.Leads && two.Turns.Count >= 10, "the second goes on");
        Assert.Equal((false, last), (one.Leads, one.Turns.Count));
    }

    [Fact]
    public async Task A_leader_whose_session_is_ended_stops_its_turn_and_one_leads_again()
    {
        await using var one = WorkerUnderTest.On(_database);
        await using var two = WorkerUnderTest.On(_database);
        (one.Turns.AreEndless, two.Turns.AreEndless) = (true, true);
        await one.StartAsync();
        await two.StartAsync();
        for (var i = 0; i < 4; i++)
        {
            await Eventually.IsTrueAsync(() => one.Turns.IsRunning != two.Turns.IsRunning, "one of them is at work");
            var (leader, turns) = one.Turns.IsRunning ? (one, one.Turns.Count) : (two, two.Turns.Count);

            var killed = TimeProvider.System.GetTimestamp();
            Assert.Equal(1, await EndLeadersSessionAsync());
            await Eventually.IsTrueAsync(() => !leader.Turns.IsRunning || leader.Turns.Count > turns, "its turn is cancelled");
            await Eventually.IsTrueAsync(() => one.Leads || two.Leads, "one leads again");
            Assert.InRange(TimeProvider.System.GetElapsedTime(killed), TimeSpan.Zero, Leadership.AskEvery * 2 + Slack);
        }
        await one.StopAsync();
        await two.StopAsync();
        Assert.InRange(WorkerUnderTest.LongestOverlap(one, two), TimeSpan.Zero, Leadership.AskEvery + Slack);
    }

    /// <summary>Nothing tells it: the network drops what it sends. The server, which lives, has to let go of its lock.</summary>
    [Fact]
    public async Task A_leader_that_is_cut_off_gives_up_by_itself_before_another_leads()
    {
        await using var proxy = PgProxy.Start(servers.Shared);
        await using var cut = WorkerUnderTest.On(_database, proxy);
        await using var other = WorkerUnderTest.On(_database);
        cut.Turns.AreEndless = true;
        await cut.StartAsync();
        await Eventually.IsTrueAsync(() => cut.Turns.IsRunning, "it leads");
        await other.StartAsync();

        var started = TimeProvider.System.GetTimestamp();
        proxy.CutNetwork();
        await Eventually.IsTrueAsync(() => !cut.Turns.IsRunning, "it stops its turn");
        var gaveUp = TimeProvider.System.GetElapsedTime(started);
        Assert.Equal((false, false, 0), (cut.Leads, other.Leads, LeaderMetric()));
        await Eventually.IsTrueAsync(() => other.Leads, "the other leads");
        var ledAgain = TimeProvider.System.GetElapsedTime(started);
        proxy.Thaw();
        await Eventually.IsTrueAsync(async () => await CountSessionsAsync() == 2, "it stands by");
        Assert.Equal((false, true), (cut.Leads, other.Leads));

        await cut.StopAsync();
        await other.StopAsync();
        Assert.InRange(gaveUp, TimeSpan.Zero, Leadership.AskEvery + Leadership.AnswerWithin + Slack);
        Assert.InRange(ledAgain, gaveUp, Leadership.SilenceMax + Leadership.AskEvery + Slack);
        Assert.Equal(TimeSpan.Zero, WorkerUnderTest.LongestOverlap(cut, other));
    }

    /// <summary>Its kernel goes on answering keep-alives: only its silence tells.</summary>
    [Fact]
    public async Task A_frozen_worker_loses_the_lead_and_stands_by_when_it_wakes()
    {
        var url = $"http://127.0.0.1:{Ports.FreeFrom(null)}";
        var process = new HostServer(
            $"worker-of-{_database.Name}",
            "worker",
            "QuickPay.Worker",
            _database.WorkerSettings(url, url),
            servers.Shared.Data,
            TimeProvider.System
        );
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        try
        {
            await process.StartAsync(TestContext.Current.CancellationToken);
            await Eventually.IsTrueAsync(async () => (await LeaderPageAsync(http)).Leader, "it leads");
            await using var other = WorkerUnderTest.On(_database);
            await other.StartAsync();

            Assert.True(process.Process!.TrySignal(Signal.Stop));
            await Eventually.IsTrueAsync(() => other.Leads, "the other leads");
            var (since, woke) = (other.Leadership.Standing.Since, TimeProvider.System.GetUtcNow());
            Assert.True(process.Process!.TrySignal(Signal.Continue));
            Standing standing = null!;
            await Eventually.IsTrueAsync(
                async () => !(standing = await LeaderPageAsync(http)).Leader,
                "the frozen one has noticed that it leads no more"
            );

            Assert.InRange(standing.Since, woke, woke + Leadership.AskEvery + Slack);
            Assert.Equal(new Standing(true, since), other.Leadership.Standing);
            Assert.True(await HealthProbe.IsReadyAsync(url, servers.Shared.Data.RootCertificate, TestContext.Current.CancellationToken));
        }
        finally
        {
            process.Process?.TrySignal(Signal.Continue);
            await process.StopAsync();
        }
    }

    /// <summary>What may be for a moment, for as long as it takes: each with a lock of its own.</summary>
    [Fact]
    public async Task Two_leaders_at_once_return_each_hold_once()
    {
        const int Holds = 600;
        var kim = await _bank.OpenWalletAsync(100_000);
        var lee = await _bank.OpenWalletAsync();
        await Task.WhenAll(Enumerable.Range(0, Holds).Select(_ => kim.HoldsAsync(100, to: lee)));
        await _bank.ExecuteAsync("UPDATE holds SET expires_at = now()");
        await using var one = WorkerUnderTest.On(_database);
        await using var two = WorkerUnderTest.On(_database, lockId: Leadership.Lock + 1);

        await one.StartAsync(ExpireHoldsOn(one, _bank.Engine));
        await two.StartAsync(ExpireHoldsOn(two, await _bank.AddEngineAsync()));
        await Eventually.IsTrueAsync(
            () => one.Turns.Count > 0 && two.Turns.Count > 0 && one.Leadership.Standing.Leader && two.Leadership.Standing.Leader,
            "both lead at once, and have had turns"
        );
        await Eventually.IsTrueAsync(async () => await _bank.CountAsync("SELECT count(*) FROM holds") == 0, "all holds are returned");
        await one.StopAsync();
        await two.StopAsync();

        Assert.Equal((100_000, 0), await AmountsAsync(kim));
        Assert.Equal(Holds, await _bank.CountAsync($"SELECT count(*) FROM transfers WHERE kind = {(int)TransferKind.Expire}"));
        Assert.Equal(0, await _bank.CountAsync("SELECT count(*) FROM refusals"));
    }

    private ExpireHolds ExpireHoldsOn(WorkerUnderTest worker, PostingEngine engine) =>
        new(
            new HoldExpiry(_worker, engine),
            Options.Create(new JobOptions { ExpireHoldsEveryMs = 50 }),
            worker.Leadership,
            TimeProvider.System,
            new TestLog<ExpireHolds>(TestContext.Current.TestOutputHelper)
        );

    private async Task<(long Available, long Held)> AmountsAsync(Wallet wallet)
    {
        var balance = await _bank.BalanceAsync(wallet);
        return (balance.Available, balance.Held);
    }

    private Task<long> CountSessionsAsync() =>
        _superuser.AskAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'quickpay leader'"
        );

    private Task<long> EndLeadersSessionAsync() =>
        _superuser.AskAsync<long>(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_stat_activity a USING (pid)
            WHERE locktype = 'advisory' AND granted AND datname = current_database() AND application_name = 'quickpay leader'
            """
        );

    private static async Task<Standing> LeaderPageAsync(HttpClient worker) =>
        JsonSerializer.Deserialize<Standing>(
            await worker.GetStringAsync(new Uri("/leader", UriKind.Relative), TestContext.Current.CancellationToken),
            JsonSerializerOptions.Web
        )!;

    private static int LeaderMetric()
    {
        var leads = -1;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, toMe) =>
        {
            if (instrument.Name == "quickpay.worker.leader")
            {
                toMe.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => leads = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return leads;
    }
}
