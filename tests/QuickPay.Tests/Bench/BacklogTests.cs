using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class BacklogTests
{
    [Fact]
    public void A_full_backlog_takes_no_more_and_gives_back_in_order()
    {
        var backlog = new Backlog(2);
        Assert.True(backlog.TryAdd(1));
        Assert.True(backlog.TryAdd(2));
        Assert.False(backlog.TryAdd(3));
        Assert.True(backlog.TryTake(out var first));
        Assert.True(backlog.TryAdd(4));
        Assert.True(backlog.TryTake(out var second));
        Assert.True(backlog.TryTake(out var third));
        Assert.False(backlog.TryTake(out _));
        Assert.Equal((1, 2, 4), (first, second, third));
    }
}
