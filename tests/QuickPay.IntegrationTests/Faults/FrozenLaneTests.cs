using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>A lane that stands still while it has a hot account locked: to the server, a session idle in its transaction.</summary>
public sealed class FrozenLaneTests(TestServers servers) : IAsyncLifetime
{
    /// <summary>idle_in_transaction_session_timeout is 2 s; the rest is for a busy machine.</summary>
    private static readonly TimeSpan FreeAgain = TimeSpan.FromSeconds(2 + 8);

    private TestDatabase _database = null!;
    private LedgerBank _bank = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_hot_account_is_free_again_after_the_idle_timeout_and_nobody_else_notices()
    {
        var hot = await _bank.OpenWalletAsync(1_000);
        var lee = await _bank.OpenWalletAsync();
        await using var crowd = await Crowd.GatherAsync(_bank, [_bank.Engine], wallets: 10, seed: 2);
        await using var frozen = await _bank.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await frozen.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await frozen.DoAsync($"SELECT FROM balances WHERE account_id = '{hot.Id}' FOR UPDATE");

        var started = TimeProvider.System.GetTimestamp();
        crowd.Start(senders: 16);
        var request = hot.Send(10, lee.Id);
        var answers = new List<PostingStatus>();
        await Eventually.IsTrueAsync(
            async () =>
            {
                answers.Add((await _bank.Engine.PostAsync(request)).Status);
                return answers[^1] == PostingStatus.Posted;
            },
            "the hot account's request is posted"
        );
        var waited = TimeProvider.System.GetElapsedTime(started);
        await crowd.LeaveAsync(otherTransfers: 2);

        Assert.InRange(waited, TimeSpan.Zero, FreeAgain);
        Assert.All(answers[..^1], answer => Assert.Equal(PostingStatus.Unavailable, answer));
        Assert.Equal([PostingStatus.Posted], crowd.Tally.Keys);
        var ended = await Assert.ThrowsAsync<PostgresException>(() => frozen.DoAsync("SELECT 1"));
        Assert.Equal("25P03", ended.SqlState);
    }
}
