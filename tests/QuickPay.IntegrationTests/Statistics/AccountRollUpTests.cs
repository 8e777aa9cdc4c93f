using QuickPay.IntegrationTests.Support;
using QuickPay.Statistics;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary>A turn that sums up an account ends, however busy that is: hours are closed by the same job, in its next turn.</summary>
public sealed class AccountRollUpTests(TestServers servers) : StatisticsTests(servers)
{
    private const int More = 20;

    [Fact]
    public async Task A_shop_that_is_paid_again_and_again_meanwhile_is_summed_up_as_far_as_it_was()
    {
        var shop = await Bank.OpenWalletAsync();
        var buyer = await Bank.OpenWalletAsync(1_000);
        for (var n = 0; n < 3; n++)
        {
            await buyer.SendsAsync(100, to: shop);
        }
        await Database.DoAsync($"INSERT INTO statistics_accounts VALUES ('{shop.Id}', 0)");
        await PayWheneverSummedUpAsync(shop);

        Assert.Equal(1, await new AccountRollUp(Worker, TimeProvider.System).RunAsync(1, Cancellation));

        Assert.Equal(3, await Bank.CountAsync("SELECT through_version FROM statistics_accounts"));
        // What came meanwhile is left to those who read.
        var month = (await new MemberStatistics(Source).ReadAsync(shop.Owner, ThisMonth, default, Cancellation))!.Accounts.Single();
        Assert.Equal((4, 400), (month.In.Kinds.Single().Transfers, month.In.Kinds.Single().Amount));
    }

    [Fact]
    public async Task An_account_that_cannot_be_summed_up_holds_up_no_other()
    {
        var (kim, lee) = (await Bank.OpenWalletAsync(1_000), await Bank.OpenWalletAsync(1_000));
        await kim.SendsAsync(1, to: lee);
        var (bad, good) = kim.Id < lee.Id ? (kim, lee) : (lee, kim);
        await Bank.ExecuteAsync(
            $"""
            INSERT INTO statistics_accounts VALUES ('{bad.Id}', 0), ('{good.Id}', 0);
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken off'; END $$;
            CREATE TRIGGER break_off BEFORE UPDATE ON statistics_accounts FOR EACH ROW WHEN (NEW.account_id = '{bad.Id}')
                EXECUTE FUNCTION break_off()
            """
        );

        var failed = await Assert.ThrowsAsync<AggregateException>(() =>
            new AccountRollUp(Worker, TimeProvider.System).RunAsync(1, Cancellation)
        );

        Assert.Single(failed.InnerExceptions);
        Assert.Equal(0, await Bank.CountAsync($"SELECT through_version FROM statistics_accounts WHERE account_id = '{bad.Id}'"));
        Assert.NotEqual(0, await Bank.CountAsync($"SELECT through_version FROM statistics_accounts WHERE account_id = '{good.Id}'"));
    }

    /// <summary>One payment more each time, until nobody can think that this ends by itself.</summary>
    private Task PayWheneverSummedUpAsync(Wallet shop) =>
        Bank.ExecuteAsync(
            $"""
            CREATE FUNCTION pay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                IF NEW.through_version > {More} THEN RAISE EXCEPTION 'It does not end.'; END IF;
                INSERT INTO transfers
                SELECT (left(id::text, 24) || lpad(to_hex(NEW.through_version), 12, '0'))::uuid, debit_account, credit_account, NULL, amount,
                    debit_balance, debit_held, debit_version + 1000, credit_balance, credit_held, credit_version + 1, batch_id, created_at, NULL,
                    kind, currency, NULL
                FROM transfers WHERE credit_account = '{shop.Id}' ORDER BY credit_version DESC LIMIT 1;
                RETURN NEW;
            END $$;
            CREATE TRIGGER pay BEFORE UPDATE ON statistics_accounts FOR EACH ROW EXECUTE FUNCTION pay()
            """
        );
}
