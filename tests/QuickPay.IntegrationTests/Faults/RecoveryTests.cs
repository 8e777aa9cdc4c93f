using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>A database that cannot be used for a while: once it can, requests that wait are posted, and nobody restarts anything.</summary>
public sealed class RecoveryTests(TestServers servers) : IAsyncLifetime
{
    private static readonly PostingOptions Patient = new() { DeadlineMs = 20_000 };

    private TestDatabase _database = null!;
    private Superuser _superuser = null!;
    private LedgerBank _bank = null!;
    private Wallet _kim = null!;
    private Wallet _lee = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _superuser = new Superuser(_database);
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator, Patient);
        _kim = await _bank.OpenWalletAsync(1_000);
        _lee = await _bank.OpenWalletAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task An_engine_may_start_before_its_database()
    {
        var port = Ports.FreeFrom(null);
        var engine = await _bank.AddEngineAsync(Patient, $"127.0.0.1:{port}");
        var sending = engine.PostAsync(_kim.Send(10, _lee.Id));
        await SaysAsync("No connection to the primary");

        await using var proxy = PgProxy.Start(servers.Shared, port);

        Assert.Equal(PostingStatus.Posted, (await sending).Status);
        await engine.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task An_address_that_goes_away_is_left_for_another_one()
    {
        await using var second = PgProxy.Start(servers.Shared);
        var first = PgProxy.Start(servers.Shared);
        var engine = await _bank.AddEngineAsync(Patient, $"{first.Address},{second.Address}");
        await using var crowd = await Crowd.GatherAsync(_bank, [engine], wallets: 4, seed: 1);
        crowd.Start(senders: 16);
        await crowd.GoesOnAsync(100);

        // Every connection through it is cut, and no new one is taken.
        await first.DisposeAsync();

        await crowd.GoesOnAsync(100);
        await crowd.LeaveAsync(otherTransfers: 1);
        await engine.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_request_whose_database_never_comes_is_answered_by_its_deadline()
    {
        var engine = await _bank.AddEngineAsync(new PostingOptions { DeadlineMs = 500 }, $"127.0.0.1:{Ports.FreeFrom(null)}");

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => engine.PostAsync(_kim.Send(10, _lee.Id))));

        // The one or two batches that a lane had in its hands may be "unknown"; those that waited in line were never tried.
        Assert.All(answers, answer => Assert.True(answer.Status is PostingStatus.Unavailable or PostingStatus.Unknown, answer.ToString()));
        Assert.Equal(1_000, (await _bank.BalanceAsync(_kim)).Balance);
    }

    [Theory]
    // The role may not connect.
    [InlineData("REVOKE CONNECT ON DATABASE {0} FROM qp_api", "GRANT CONNECT ON DATABASE {0} TO qp_api", "No connection to the primary")]
    // Its sessions would not wait for the standby.
    [InlineData(
        "ALTER ROLE qp_api IN DATABASE {0} SET synchronous_commit = 'local'",
        "ALTER ROLE qp_api IN DATABASE {0} RESET synchronous_commit",
        "synchronous_commit is local"
    )]
    public async Task What_was_set_wrong_and_is_set_right_needs_no_restart(string wrong, string right, string complaint)
    {
        await _superuser.DoAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, wrong, _database.Name));
        await _superuser.SignalLanesAsync("pg_terminate_backend");
        var sending = _kim.SendsAsync(10, to: _lee);
        await SaysAsync(complaint);

        await _superuser.DoAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, right, _database.Name));

        Assert.Equal(PostingStatus.Posted, (await sending).Status);
        Assert.Equal(PostingStatus.Posted, (await _kim.SendsAsync(10, to: _lee)).Status);
    }

    [Fact]
    public async Task A_right_that_was_missing_fails_its_requests_and_nothing_once_it_is_given()
    {
        await _superuser.DoAsync("REVOKE INSERT ON idempotency_keys FROM qp_api");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => _kim.SendsAsync(10, to: _lee));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);

        await _superuser.DoAsync("GRANT INSERT ON idempotency_keys TO qp_api");

        Assert.Equal(PostingStatus.Posted, (await _kim.SendsAsync(10, to: _lee)).Status);
    }

    [Fact]
    public async Task A_session_that_is_read_only_by_default_posts_all_the_same()
    {
        await _superuser.DoAsync($"ALTER ROLE qp_api IN DATABASE {_database.Name} SET default_transaction_read_only = 'on'");
        await _superuser.SignalLanesAsync("pg_terminate_backend");

        Assert.Equal(PostingStatus.Posted, (await _kim.SendsAsync(10, to: _lee)).Status);
    }

    private static Task SaysAsync(string text) =>
        Eventually.IsTrueAsync(
            () => TestContext.Current.TestOutputHelper!.Output.Contains(text, StringComparison.Ordinal),
            $"the engine says “{text}”"
        );
}
