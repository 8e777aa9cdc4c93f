using CsCheck;
using QuickPay.Accounts;
using QuickPay.Money;

namespace QuickPay.Tests.Accounts;

public sealed class HouseAccountsTests
{
    [Theory]
    [InlineData(HousePurpose.CashIn, Currency.KRW, 0, "00000000-0000-8000-8410-000000000100")]
    [InlineData(HousePurpose.Suspense, Currency.USD, 15, "00000000-0000-8000-8840-000000000415")]
    public void Ids_are_those_that_the_migration_wrote(HousePurpose purpose, Currency currency, int shard, string id) =>
        Assert.Equal(new Guid(id), HouseAccounts.Of(purpose, currency, shard));

    [Fact]
    public void Every_shard_has_an_account_of_its_own()
    {
        var ids =
            from purpose in Enum.GetValues<HousePurpose>()
            from currency in Enum.GetValues<Currency>()
            from shard in Enumerable.Range(0, HouseAccounts.Shards)
            select HouseAccounts.Of(purpose, currency, shard);

        Assert.Equal(4 * 2 * 16, ids.Distinct().Count());
    }

    [Fact]
    public void An_account_always_faces_the_same_shard_and_many_accounts_face_them_all()
    {
        var faced = new System.Collections.Concurrent.ConcurrentDictionary<Guid, int>();
        Gen.Guid.Sample(
            account =>
            {
                var shard = HouseAccounts.For(HousePurpose.CashIn, Currency.KRW, account);
                faced.TryAdd(shard, 0);
                return shard == HouseAccounts.For(HousePurpose.CashIn, Currency.KRW, account);
            },
            iter: 1_000
        );
        Assert.Equal(HouseAccounts.Shards, faced.Count);
    }
}
