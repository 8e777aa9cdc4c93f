using System.Globalization;
using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class AccountSetTests
{
    private static readonly AccountSet Accounts = AccountSet.Create(DateTimeOffset.UnixEpoch.AddYears(55), 3, 1_000, 4);

    [Fact]
    public void Account_ids_count_up_as_sql_makes_them()
    {
        foreach (var index in (long[])[0, 1, 999])
        {
            var asSql = (Accounts.FirstTime + index).ToString("x", CultureInfo.InvariantCulture).PadLeft(12, '0') + Accounts.Marker;
            Assert.Equal(Guid.ParseExact(asSql, "N"), Accounts.IdOf(index));
            Assert.Equal(7, Accounts.IdOf(index).Version);
        }
    }

    [Fact]
    public void Every_rank_names_another_account()
    {
        var indexes = Enumerable.Range(1, 1_000).Select(rank => Accounts.IndexOfRank(rank)).ToHashSet();
        Assert.Equal(1_000, indexes.Count);
        Assert.All(indexes, index => Assert.InRange(index, 0, 999));
    }
}
