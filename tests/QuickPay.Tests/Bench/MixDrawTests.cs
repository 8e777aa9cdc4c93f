using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class MixDrawTests
{
    private const int Draws = 100_000;
    private static readonly AccountSet Accounts = AccountSet.Create(DateTimeOffset.UnixEpoch.AddYears(50), 1, 1_000, 8);

    [Fact]
    public void The_same_seed_draws_the_same_requests()
    {
        var (first, second) = (new MixDraw(LoadMix.Members, Accounts, 1, 42), new MixDraw(LoadMix.Members, Accounts, 1, 42));
        for (ulong i = 0; i < 1_000; i++)
        {
            Assert.Equal(first.Next(i), second.Next(i));
        }
    }

    [Fact]
    public void Of_a_hundred_requests_95_read()
    {
        var shares = Draw(LoadMix.Members, skew: 1)
            .GroupBy(request => request.Kind)
            .ToDictionary(kind => kind.Key, kind => 100.0 * kind.Count() / Draws);

        Assert.Equal(5, shares.Count);
        Assert.Equal(60, shares[RequestKind.Balance], 0.6);
        Assert.Equal(25, shares[RequestKind.FirstPage], 0.6);
        Assert.Equal(5, shares[RequestKind.DeeperPage], 0.3);
        Assert.Equal(5, shares[RequestKind.Rates], 0.3);
        Assert.Equal(5, shares[RequestKind.Transfer], 0.3);
    }

    /// <summary>Of a thousand by Zipf's law with exponent 1, the first has a part of 1 / H(1000) = 13.4 %.</summary>
    [Fact]
    public void Popular_members_ask_more_often()
    {
        var popular = Draw(LoadMix.Only("balance", RequestKind.Balance), skew: 1).Count(read => read.Account == Accounts.IndexOfRank(1));

        Assert.Equal(13.4, 100.0 * popular / Draws, 0.5);
    }

    /// <summary>A seed that was printed before there were reads still repeats its run.</summary>
    [Fact]
    public void Transfers_alone_are_drawn_as_ever()
    {
        var (mixed, alone) = (new MixDraw(LoadMix.Transfers, Accounts, 1, 42), new TransferDraw(Accounts, 1, 42));
        for (ulong i = 0; i < 1_000; i++)
        {
            Assert.Equal(new LoadRequest(RequestKind.Transfer, alone.Next(i)), mixed.Next(i));
        }
    }

    private static IEnumerable<LoadRequest> Draw(LoadMix mix, double skew)
    {
        var draw = new MixDraw(mix, Accounts, skew, 42);
        return Enumerable.Range(0, Draws).Select(i => draw.Next((ulong)i));
    }
}
