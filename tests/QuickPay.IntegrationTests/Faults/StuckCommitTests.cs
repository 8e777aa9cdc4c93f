using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>
/// Commits that wait for a standby which does not exist. PostgreSQL has them in its own log already; whether they survive is not known, so
/// nobody may be told that money moved. Cancelling such a wait, ending its session or restarting the server makes them visible, not durable.
/// </summary>
public sealed class StuckCommitTests(OwnServers own) : IClassFixture<OwnServers>, IAsyncLifetime
{
    private const int DeadlineMs = 1_500;

    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private static readonly PostingOptions Brief = new() { DeadlineMs = DeadlineMs, AbandonCommitMs = 300 };

    private TestDatabase _database = null!;
    private Superuser _superuser = null!;
    private MissingStandby _standby = null!;
    private LedgerBank _bank = null!;
    private Wallet _kim = null!;
    private Wallet _lee = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await own.CreateDatabaseAsync();
        _superuser = new Superuser(_database);
        _standby = new MissingStandby(_database);
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
        _kim = await _bank.OpenWalletAsync(10_000);
        _lee = await _bank.OpenWalletAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await _standby.NeedNoneAsync();
        await bank.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData(300)]
    [InlineData(60_000)]
    public async Task Nobody_is_told_that_money_moved_while_no_standby_has_it(int abandonCommitMs)
    {
        var engine = await _bank.AddEngineAsync(new PostingOptions { DeadlineMs = DeadlineMs, AbandonCommitMs = abandonCommitMs });
        await _standby.NeedAsync();

        var started = TimeProvider.System.GetTimestamp();
        var requests = Enumerable.Range(0, 40).Select(i => _kim.Send(10, _lee.Id, $"stuck {i}")).ToList();
        var answers = await Task.WhenAll(requests.Select(engine.PostAsync));
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        // Both lanes are stuck now; these have not been tried at all.
        var waited = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => engine.PostAsync(_kim.Send(10, _lee.Id))));

        Assert.All(answers, answer => Assert.True(answer.Status is PostingStatus.Unknown or PostingStatus.Unavailable, answer.ToString()));
        Assert.Contains(answers, answer => answer.Status == PostingStatus.Unknown);
        Assert.All(waited, answer => Assert.True(answer.Status is PostingStatus.Unknown or PostingStatus.Unavailable, answer.ToString()));
        Assert.InRange(elapsed, TimeSpan.Zero, TimeSpan.FromMilliseconds(DeadlineMs) + Slack);

        await _standby.NeedNoneAsync();
        await ArePostedOnceAsync(engine, requests);
    }

    [Theory]
    [InlineData("pg_cancel_backend", false)]
    [InlineData("pg_cancel_backend", true)]
    [InlineData("pg_terminate_backend", false)]
    [InlineData("pg_terminate_backend", true)]
    public async Task A_wait_that_is_cut_short_acknowledges_nothing(string function, bool leftAlone)
    {
        var engine = await _bank.AddEngineAsync(new PostingOptions { DeadlineMs = DeadlineMs, AbandonCommitMs = leftAlone ? 50 : 60_000 });
        await _standby.NeedAsync();

        var request = _kim.Send(10, _lee.Id, "stuck");
        var sending = engine.PostAsync(request);
        var cutShort = 0L;
        await Eventually.IsTrueAsync(
            async () =>
            {
                cutShort += await _superuser.SignalLanesAsync(function, "wait_event = 'SyncRep'");
                return sending.IsCompleted;
            },
            "the request is answered"
        );
        var answer = await sending;

        Assert.True(cutShort > 0);
        Assert.Equal(PostingStatus.Unknown, answer.Status);
        // Visible by now to everybody who looks, and still not safe: a replay waits for the standby too.
        Assert.NotEqual(PostingStatus.Posted, (await engine.PostAsync(request)).Status);

        await _standby.NeedNoneAsync();
        await ArePostedOnceAsync(engine, [request]);
    }

    /// <summary>
    /// A replay whose accounts do not exist locks no row and writes nothing. Without a record of its own in the log its COMMIT would not wait
    /// for the standby, and would vouch for a refusal that the standby lacks.
    /// </summary>
    [Fact]
    public async Task A_replay_that_has_nothing_to_write_waits_for_the_standby_all_the_same()
    {
        var engine = await _bank.AddEngineAsync(new PostingOptions { DeadlineMs = DeadlineMs, AbandonCommitMs = 60_000 });
        await _standby.NeedAsync();
        var request = _kim.Send(10, _lee.Id, "to nobody") with { DebitAccount = Guid.AllBitsSet, CreditAccount = Guid.Empty };
        var sending = engine.PostAsync(request);
        await Eventually.IsTrueAsync(
            async () =>
                await _superuser.SignalLanesAsync("pg_cancel_backend", "wait_event = 'SyncRep'") > 0
                || await _bank.CountAsync($"SELECT count(*) FROM idempotency_keys WHERE key_digest = '{request.KeyDigest}'") > 0,
            "the refusal is visible and not safe"
        );

        Assert.Equal(PostingStatus.Unknown, (await sending).Status);
        var replay = (await engine.PostAsync(request)).Status;
        Assert.True(replay is PostingStatus.Unknown or PostingStatus.Unavailable, replay.ToString());

        await _standby.NeedNoneAsync();
        await Eventually.IsTrueAsync(
            async () => (await engine.PostAsync(request)) is { Status: PostingStatus.Refused, Replayed: true },
            "the refusal is told"
        );
    }

    [Fact]
    public async Task After_a_crash_what_nobody_was_told_is_still_not_told_before_a_standby_has_it()
    {
        var engine = await _bank.AddEngineAsync(Brief);
        await _standby.NeedAsync();
        var requests = Enumerable.Range(0, 10).Select(i => _kim.Send(10, _lee.Id, $"stuck {i}")).ToList();
        var sending = requests.Select(engine.PostAsync).ToList();
        await Eventually.IsTrueAsync(async () => await _superuser.CountLanesAsync("wait_event = 'SyncRep'") > 0, "a commit waits");

        await own.Servers.Postgres.KillAsync();
        await own.Servers.Postgres.StartAsync(TestContext.Current.CancellationToken);
        _bank.ForgetConnections();

        Assert.All(
            await Task.WhenAll(sending),
            answer => Assert.True(answer.Status is PostingStatus.Unknown or PostingStatus.Unavailable, answer.ToString())
        );
        Assert.True(
            await _bank.CountAsync("SELECT count(*) FROM transfers") > 1,
            "Crash recovery brings a commit back that nobody was told of."
        );
        var again = await Task.WhenAll(requests.Select(engine.PostAsync));
        Assert.All(again, answer => Assert.True(answer.Status is PostingStatus.Unknown or PostingStatus.Unavailable, answer.ToString()));

        await _standby.NeedNoneAsync();
        await ArePostedOnceAsync(engine, requests);
    }

    /// <summary>The engine comes back by itself; the same keys sent again show exactly one posting each.</summary>
    private async Task ArePostedOnceAsync(PostingEngine engine, List<PostingRequest> requests)
    {
        foreach (var request in requests)
        {
            var answer = PostingOutcome.Unknown;
            await Eventually.IsTrueAsync(
                async () => (answer = await engine.PostAsync(request)).Status == PostingStatus.Posted,
                "the same key is answered for good"
            );
            var again = await engine.PostAsync(request);
            Assert.Equal((answer.Transfer, true), (again.Transfer, again.Replayed));
        }
        Assert.Equal(
            requests.Count,
            await _bank.CountAsync(
                $"SELECT count(*) FROM transfers t JOIN idempotency_keys k ON k.outcome_id = t.id WHERE k.key_digest IN ({string.Join(',', requests.Select(r => $"'{r.KeyDigest}'"))})"
            )
        );
    }
}
