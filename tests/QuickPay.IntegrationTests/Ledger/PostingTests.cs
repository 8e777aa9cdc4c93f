using QuickPay.Accounts;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Transfers;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>The posting engine on a real PostgreSQL: what is posted, refused, replayed, held.</summary>
public sealed class PostingTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private LedgerBank _bank = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
    }

    public async ValueTask DisposeAsync()
    {
        await _bank.ShouldBalanceAsync();
        await _bank.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Money_moves_from_one_wallet_to_another()
    {
        var kim = await _bank.OpenWalletAsync(100_000);
        var lee = await _bank.OpenWalletAsync();

        var sent = await kim.SendsAsync(30_000, to: lee);

        Assert.Equal(PostingStatus.Posted, sent.Status);
        Assert.Equal(new SideAfter(70_000, 0, 2), sent.Transfer!.Debit);
        Assert.Equal(new SideAfter(30_000, 0, 1), sent.Transfer.Credit);
        Assert.Equal(70_000, (await _bank.BalanceAsync(kim)).Balance);
        Assert.Equal(30_000, (await _bank.BalanceAsync(lee)).Balance);
    }

    [Fact]
    public async Task A_transfer_over_the_balance_is_refused_and_moves_nothing()
    {
        var kim = await _bank.OpenWalletAsync(1_000);
        var lee = await _bank.OpenWalletAsync();

        var refused = await kim.SendsAsync(1_001, to: lee);

        Assert.Equal((PostingStatus.Refused, TransferRefusal.InsufficientFunds), (refused.Status, refused.Refusal.Code));
        Assert.Equal(1_000, (await _bank.BalanceAsync(kim)).Balance);
    }

    [Fact]
    public async Task The_same_key_pays_once_and_answers_alike_and_another_body_is_refused()
    {
        var kim = await _bank.OpenWalletAsync(1_000);
        var lee = await _bank.OpenWalletAsync();

        var first = await kim.SendsAsync(400, to: lee, key: "once");
        var again = await kim.SendsAsync(400, to: lee, key: "once");
        var other = await kim.SendsAsync(500, to: lee, key: "once");
        var refused = await kim.SendsAsync(10_000, to: lee, key: "too much");
        await _bank.Engine.PostAsync(kim.Deposit(50_000));
        var refusedAgain = await kim.SendsAsync(10_000, to: lee, key: "too much");

        Assert.False(first.Replayed);
        Assert.True(again.Replayed);
        Assert.Equal(first.Transfer, again.Transfer);
        Assert.Equal(PostingStatus.KeyReused, other.Status);
        Assert.Equal(refused.Refusal, refusedAgain.Refusal);
        Assert.True(refusedAgain.Replayed);
        Assert.Equal(400, (await _bank.BalanceAsync(lee)).Balance);
    }

    [Fact]
    public async Task One_key_sent_64_times_at_once_pays_once()
    {
        var kim = await _bank.OpenWalletAsync(10_000);
        var lee = await _bank.OpenWalletAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => kim.SendsAsync(100, to: lee, key: "one")));

        Assert.All(outcomes, outcome => Assert.Equal(PostingStatus.Posted, outcome.Status));
        Assert.Single(outcomes, outcome => !outcome.Replayed);
        Assert.Single(outcomes.Select(outcome => outcome.Transfer!.Id).Distinct());
        Assert.Equal(100, (await _bank.BalanceAsync(lee)).Balance);
    }

    [Fact]
    public async Task A_hold_sets_money_aside_until_it_is_captured_in_part()
    {
        var kim = await _bank.OpenWalletAsync(1_000);
        var lee = await _bank.OpenWalletAsync();

        var hold = (await kim.HoldsAsync(600, to: lee)).Transfer!;
        var overspent = await kim.SendsAsync(500, to: lee);
        var captured = await lee.ClosesAsync(TransferKind.Capture, hold, 250);
        var again = await lee.ClosesAsync(TransferKind.Capture, hold);

        Assert.Equal(new SideAfter(1_000, 600, 2), hold.Debit);
        Assert.Equal(TransferRefusal.InsufficientFunds, overspent.Refusal.Code);
        Assert.Equal(new SideAfter(750, 0, 3), captured.Transfer!.Debit);
        Assert.Equal(250, (await _bank.BalanceAsync(lee)).Balance);
        Assert.Equal(TransferRefusal.TransferNotPending, again.Refusal.Code);
    }

    [Fact]
    public async Task A_hold_that_runs_out_returns_by_itself_and_cannot_be_captured_any_more()
    {
        var kim = await _bank.OpenWalletAsync(1_000);
        var lee = await _bank.OpenWalletAsync();
        var hold = (await kim.HoldsAsync(600, to: lee)).Transfer!;
        await _bank.ExecuteAsync("UPDATE holds SET expires_at = now()");

        var late = await lee.ClosesAsync(TransferKind.Capture, hold);
        var (due, expired) = await new HoldExpiry(_bank.DataSource, _bank.Engine).ExpireDueAsync(CancellationToken.None);

        Assert.Equal(TransferRefusal.TransferNotPending, late.Refusal.Code);
        Assert.Equal((1, 1), (due, expired));
        Assert.Equal(1_000, (await _bank.BalanceAsync(kim)).Available);
    }

    [Fact]
    public async Task Linked_legs_post_together_or_not_at_all()
    {
        var kim = await _bank.OpenWalletAsync(1_000);
        var lee = await _bank.OpenWalletAsync();
        var fees = HouseAccounts.For(HousePurpose.Fees, kim.Currency, kim.Id);
        PostingRequest With(long fee) => kim.Send(900, lee.Id) with { LinkedLegs = [new LinkedLeg(TransferKind.Fee, kim.Id, fees, fee)] };

        var tooDear = await _bank.Engine.PostAsync(With(fee: 101));
        var paid = await _bank.Engine.PostAsync(With(fee: 100));

        Assert.Equal(TransferRefusal.InsufficientFunds, tooDear.Refusal.Code);
        Assert.Equal(PostingStatus.Posted, paid.Status);
        Assert.Equal(0, (await _bank.BalanceAsync(kim)).Balance);
        Assert.Equal(1, await _bank.CountAsync($"SELECT count(*) FROM transfers WHERE link = '{paid.Transfer!.Id}'"));
    }

    [Fact]
    public async Task Sixty_four_clients_on_shared_accounts_lose_and_invent_nothing()
    {
        var wallets = new List<Wallet>();
        for (var i = 0; i < 8; i++)
        {
            wallets.Add(await _bank.OpenWalletAsync(20_000, Tier.Load));
        }
        var random = new Random(20261122);
        var plans = Enumerable
            .Range(0, 64)
            .Select(_ =>
                Enumerable.Range(0, 50).Select(_ => (From: random.Next(8), Hop: 1 + random.Next(7), Amount: random.Next(1, 2_000))).ToList()
            )
            .ToList();

        var posted = await Task.WhenAll(
            plans.Select(async plan =>
            {
                var count = 0;
                foreach (var (from, hop, amount) in plan)
                {
                    var outcome = await wallets[from].SendsAsync(amount, to: wallets[(from + hop) % 8]);
                    count += outcome.Status == PostingStatus.Posted ? 1 : 0;
                    Assert.True(outcome.Status is PostingStatus.Posted or PostingStatus.Refused, outcome.Status.ToString());
                }
                return count;
            })
        );

        Assert.Equal(posted.Sum() + 8, await _bank.CountAsync("SELECT count(*) FROM transfers"));
        var balances = await Task.WhenAll(wallets.Select(_bank.BalanceAsync));
        Assert.Equal(8 * 20_000, balances.Sum(balance => balance.Balance));
    }
}
