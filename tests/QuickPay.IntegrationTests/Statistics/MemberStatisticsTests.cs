using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Statistics;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary>A member's month: summed up ahead, live, or both, it is what the books say.</summary>
public sealed class MemberStatisticsTests(TestServers servers) : StatisticsTests(servers)
{
    [Fact]
    public async Task A_month_is_the_same_live_summed_up_and_half_of_each()
    {
        var traffic = await PastTraffic.BeginAsync(Bank, Database);
        await traffic.GoesOnAsync(300);
        await traffic.MoveAsync(LedgerDay.StartOf(ThisMonth).AddHours(-36), TimeSpan.FromHours(72));
        await ShouldBeAsync(traffic);

        await MarkAsync(traffic.Wallets.Take(4));
        await ShouldBeAsync(traffic);
        Assert.Equal(4, await new AccountRollUp(Worker, TimeProvider.System).RunAsync(1, Cancellation));
        await ShouldBeAsync(traffic);

        await traffic.GoesOnAsync(100);
        await ShouldBeAsync(traffic);
        Assert.NotEqual(0, await new AccountRollUp(Worker, TimeProvider.System).RunAsync(1, Cancellation));
        await ShouldBeAsync(traffic);
        Assert.Equal(0, await new AccountRollUp(Worker, TimeProvider.System).RunAsync(1, Cancellation));
    }

    /// <summary>Summed up is what is read, not once more computed: or a busy account's month would be as slow as ever.</summary>
    [Fact]
    public async Task What_was_summed_up_is_not_read_again()
    {
        var traffic = await PastTraffic.BeginAsync(Bank, Database);
        await traffic.GoesOnAsync(50);
        await MarkAsync(traffic.Wallets);
        await new AccountRollUp(Worker, TimeProvider.System).RunAsync(1, Cancellation);
        await Bank.ExecuteAsync("UPDATE statistics_account_months SET amount = amount + 1, transfers = transfers + 7");

        var month = await ReadAsync(traffic.Wallets[2]);

        var rows = (await traffic.RowsAsync()).Where(row => row.MovesMoney && row.Credit == traffic.Wallets[2].Id).ToList();
        var kinds = month.Accounts.Single().In.Kinds;
        Assert.Equal(rows.Sum(row => row.Amount) + kinds.Count, kinds.Sum(kind => kind.Amount));
    }

    [Fact]
    public async Task Two_workers_and_one_that_breaks_off_count_nothing_twice()
    {
        var traffic = await PastTraffic.BeginAsync(Bank, Database);
        await traffic.GoesOnAsync(150);
        await MarkAsync(traffic.Wallets);
        await Bank.ExecuteAsync(
            """
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken off'; END $$;
            CREATE TRIGGER break_off BEFORE UPDATE ON statistics_accounts FOR EACH ROW EXECUTE FUNCTION break_off()
            """
        );
        await Assert.ThrowsAsync<AggregateException>(() => new AccountRollUp(Worker, TimeProvider.System).RunAsync(1, Cancellation));
        await Bank.ExecuteAsync("DROP FUNCTION break_off CASCADE");

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => new AccountRollUp(Worker, TimeProvider.System).RunAsync(1, Cancellation)));

        await ShouldBeAsync(traffic);
    }

    [Fact]
    public async Task The_twenty_largest_counterparties_are_shown_whether_they_are_summed_up_or_new()
    {
        var shop = await Bank.OpenWalletAsync(0, Accounts.Tier.Load);
        var buyers = new List<Wallet>();
        for (var n = 0; n < 26; n++)
        {
            buyers.Add(await Bank.OpenWalletAsync(10_000));
            await buyers[n].SendsAsync(100 + n, to: shop);
        }
        await MarkAsync([shop]);
        await new AccountRollUp(Worker, TimeProvider.System).RunAsync(1, Cancellation);
        // The smallest becomes the largest by what is not summed up yet, and a new one comes in between.
        await buyers[0].SendsAsync(900, to: shop);
        var late = await Bank.OpenWalletAsync(10_000);
        await late.SendsAsync(500, to: shop);

        var shown = (await ReadAsync(shop)).Accounts.Single().In.Counterparties;

        Assert.Equal(
            [(buyers[0].Id, 2, 1_000), (late.Id, 1, 500), .. Enumerable.Range(0, 18).Select(n => (buyers[25 - n].Id, 1, 125 - n))],
            shown.Select(sum => (sum.AccountId, (int)sum.Transfers, (int)sum.Amount))
        );
    }

    [Fact]
    public async Task An_account_with_many_transfers_in_one_hour_is_summed_up_ahead_from_then_on()
    {
        var kim = await Bank.OpenWalletAsync(100_000);
        var lee = await Bank.OpenWalletAsync(100_000);
        var park = await Bank.OpenWalletAsync(100_000);
        for (var n = 0; n < HourRollUp.BusyMovements; n++)
        {
            await (n == 0 ? park : kim).SendsAsync(1, to: lee);
        }
        await new PastTraffic(Bank, Database, 0).MoveAsync(LedgerDay.StartOf(ThisMonth), TimeSpan.FromMinutes(50));

        await new HourRollUp(Worker, TimeProvider.System).CloseAsync(LedgerDay.StartOf(ThisMonth).AddHours(1), Cancellation);

        Assert.Equal(
            new[] { kim.Id, lee.Id }.Order().Select(id => id.ToString()),
            await Bank.Owner.ListAsync("SELECT account_id::text FROM statistics_accounts ORDER BY 1")
        );
    }

    private async Task ShouldBeAsync(PastTraffic traffic)
    {
        var rows = (await traffic.RowsAsync()).Where(row => row.MovesMoney).ToList();
        foreach (var month in (DateOnly[])[ThisMonth.AddMonths(-1), ThisMonth, ThisMonth.AddMonths(1)])
        {
            var own = rows.Where(row => row.Day >= month && row.Day < month.AddMonths(1)).ToList();
            foreach (var wallet in traffic.Wallets)
            {
                var owner = await Database.AskAsync<Guid>($"SELECT owner_id FROM accounts WHERE id = '{wallet.Id}'");
                var read = (await new MemberStatistics(Source).ReadAsync(owner, month, default, Cancellation))!;
                Assert.Equal(owner == traffic.Wallets[0].Owner ? 2 : 1, read.Accounts.Count);
                var account = read.Accounts.Single(account => account.AccountId == wallet.Id);
                ShouldBe(account.In, [.. own.Where(row => row.Credit == wallet.Id)], row => row.Debit);
                ShouldBe(account.Out, [.. own.Where(row => row.Debit == wallet.Id)], row => row.Credit);
            }
        }
    }

    private static void ShouldBe(SideOfMonth side, List<BookedRow> rows, Func<BookedRow, Guid> counterparty)
    {
        Assert.Equal(
            rows.GroupBy(row => row.Kind)
                .OrderBy(kind => kind.Key)
                .Select(kind => new KindSum(kind.Key, kind.Count(), kind.Sum(row => row.Amount))),
            side.Kinds
        );
        Assert.Equal(
            rows.Where(row => row.IsBetweenMembers)
                .GroupBy(counterparty)
                .Select(party => new CounterpartySum(party.Key, party.Count(), party.Sum(row => row.Amount)))
                .OrderByDescending(party => party.Amount)
                .ThenBy(party => party.AccountId.ToString(), StringComparer.Ordinal),
            side.Counterparties
        );
    }

    private async Task<MemberMonth> ReadAsync(Wallet wallet) =>
        (await new MemberStatistics(Source).ReadAsync(wallet.Owner, ThisMonth, default, Cancellation))!;

    private async Task MarkAsync(IEnumerable<Wallet> wallets)
    {
        foreach (var wallet in wallets)
        {
            await Database.DoAsync($"INSERT INTO statistics_accounts VALUES ('{wallet.Id}', 0)");
        }
    }
}
