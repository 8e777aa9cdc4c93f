using Npgsql;
using QuickPay.Caches;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Caches;

/// <summary>An entry that should have been replaced goes, whoever failed to replace it.</summary>
public sealed class StaleBalancesTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private StaleBalances Stale => Bank.Service<StaleBalances>();

    [Fact]
    public async Task An_old_entry_goes_and_a_new_one_stays()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        await kim.WhenCachedAsync(1);
        var old = await Bank.Cache().StringGetAsync(kim.BalanceKey());
        (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
        await kim.WhenCachedAsync(2);
        await lee.WhenCachedAsync(1);
        await Bank.Cache().StringSetAsync(kim.BalanceKey(), old);

        Assert.Equal(1, await Stale.DropAsync(Cancellation));
        Assert.Null(await kim.CachedVersionAsync());
        Assert.Equal(1, await lee.CachedVersionAsync());
        Assert.Equal(9_000, (await kim.BalanceAsync()).Balance);
        await kim.WhenCachedAsync(2);
        Assert.Equal(0, await Stale.DropAsync(Cancellation));
    }

    /// <summary>The write of a slow reader may come after the look that followed the commit.</summary>
    [Fact]
    public async Task What_was_committed_is_looked_at_again()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        await kim.WhenCachedAsync(1);
        var old = await Bank.Cache().StringGetAsync(kim.BalanceKey());
        (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
        await kim.WhenCachedAsync(2);
        for (var look = 0; look < 3; look++)
        {
            Assert.Equal(0, await Stale.DropAsync(Cancellation));
        }
        await Bank.Cache().StringSetAsync(kim.BalanceKey(), old);
        Assert.Equal(1, await Stale.DropAsync(Cancellation));
    }

    /// <summary>A look takes 5,000 batches at a time; here are so many that changed nothing that one of its pages has no others.</summary>
    [Fact]
    public async Task Batches_that_changed_nothing_do_not_end_a_look()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        await kim.WhenCachedAsync(1);
        var old = await Bank.Cache().StringGetAsync(kim.BalanceKey());
        await Stale.DropAsync(Cancellation);
        await new Superuser(Bank.Database).DoAsync(
            """
            DO $$ BEGIN
                PERFORM set_config('synchronous_commit', 'off', false);
                FOR n IN 1..10000 LOOP
                    INSERT INTO ledger_batches VALUES (nextval('ledger_batch_ids'), pg_current_xact_id(), 0, '', clock_timestamp());
                    COMMIT;
                END LOOP;
            END $$
            """
        );
        (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
        await kim.WhenCachedAsync(2);
        await Bank.Cache().StringSetAsync(kim.BalanceKey(), old);

        Assert.Equal(1, await Stale.DropAsync(Cancellation));
    }

    /// <summary>A commit that waits for its standby is seen long after its number was given.</summary>
    [Fact]
    public async Task A_commit_that_took_longer_than_many_looks_is_met()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 10_000), await Bank.JoinAsync());
        (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
        await using (var slow = await Bank.Owner.OpenConnectionAsync(Cancellation))
        {
            await using var transaction = await slow.BeginTransactionAsync(Cancellation);
            await using var number = new NpgsqlCommand("SELECT pg_current_xact_id()", slow);
            await number.ExecuteScalarAsync(Cancellation);
            for (var look = 0; look < 10; look++)
            {
                await Stale.DropAsync(Cancellation);
            }
            // As if what kim sent had come in that transaction: batches from its number on are looked at as long as it is open.
            await kim.WhenCachedAsync(2);
            var entry = (byte[])(await Bank.Cache().StringGetAsync(kim.BalanceKey()))!;
            entry[7] = 1;
            (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);
            await kim.WhenCachedAsync(3);
            for (var look = 0; look < 10; look++)
            {
                await Stale.DropAsync(Cancellation);
            }
            await Bank.Cache().StringSetAsync(kim.BalanceKey(), entry);
            Assert.Equal(1, await Stale.DropAsync(Cancellation));
            await transaction.RollbackAsync(Cancellation);
        }
        for (var look = 0; look < 5; look++)
        {
            Assert.Equal(0, await Stale.DropAsync(Cancellation));
        }
    }
}
