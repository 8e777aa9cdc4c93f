using CsCheck;
using QuickPay.Edge.Firewall;

namespace QuickPay.Tests.Edge.Firewall;

/// <summary>A queue in which each client has its turn.</summary>
public sealed class FairQueueTests
{
    private const int Max = 12;
    private const int MaxPerClient = 5;

    [Fact]
    public void Clients_take_turns()
    {
        var queue = new FairQueue<char, string>(100, 100);
        foreach (var item in (string[])["a1", "a2", "a3", "b1", "c1", "c2"])
        {
            queue.TryAdd(item[0], item, out _);
        }

        Assert.Equal(["a1", "b1", "c1", "a2", "c2", "a3"], TakeAll(queue));
    }

    [Fact]
    public void Nobody_has_more_than_their_part_and_all_together_no_more_than_the_whole()
    {
        var queue = new FairQueue<char, string>(3, 2);

        Assert.Equal(
            [true, true, false, true, false, false],
            ((string[])["a1", "a2", "a3", "b1", "b2", "a4"]).Select(item => queue.TryAdd(item[0], item, out var _))
        );
    }

    /// <summary>Else a few who fill the queue would keep everybody else out.</summary>
    [Fact]
    public void When_it_is_full_who_has_most_gives_the_newest_for_who_has_fewer()
    {
        var queue = new FairQueue<char, string>(5, 3);
        foreach (var item in (string[])["a1", "a2", "b1", "b2", "b3"])
        {
            queue.TryAdd(item[0], item, out _);
        }

        Assert.True(queue.TryAdd('c', "c1", out var first));
        Assert.True(queue.TryAdd('d', "d1", out var second));
        Assert.True(queue.TryAdd('e', "e1", out var third));
        // Now each has one: nobody would gain by a change.
        Assert.False(queue.TryAdd('f', "f1", out var none));
        Assert.False(queue.TryAdd('c', "c2", out _));

        Assert.Equal("b3", first);
        Assert.Equal(["a2", "b2"], ((string[])[second!, third!]).Order());
        Assert.Null(none);
        Assert.Equal(["a1", "b1", "c1", "d1", "e1"], TakeAll(queue));
    }

    [Fact]
    public void What_was_taken_out_never_comes()
    {
        var queue = new FairQueue<char, string>(100, 100);
        queue.TryAdd('a', "a1", out _);
        queue.TryAdd('b', "b1", out _);

        Assert.True(queue.Remove('a', "a1"));
        Assert.False(queue.Remove('a', "a1"));
        Assert.Equal(1, queue.Count);
        Assert.Equal(["b1"], TakeAll(queue));
    }

    /// <summary>Adding, taking and removing in any order: nothing is lost or doubled, nobody's own order changes, no bound is passed.</summary>
    [Fact]
    public void It_keeps_what_it_was_given() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9])
            .Array[0, 200]
            .Sample(steps =>
            {
                var queue = new FairQueue<int, Item>(Max, MaxPerClient);
                var kept = Enumerable.Range(0, 4).Select(_ => new List<Item>()).ToArray();
                var number = 0;
                foreach (var (client, what) in steps)
                {
                    var own = kept[client];
                    var item = new Item(client, number++);
                    if (what < 6)
                    {
                        var isFull = kept.Sum(all => all.Count) == Max;
                        var most = kept.Max(all => all.Count);
                        var fits = own.Count < MaxPerClient && (!isFull || most > own.Count + 1);
                        Assert.Equal(fits, queue.TryAdd(client, item, out var dropped));
                        Assert.Equal(fits && isFull, dropped is not null);
                        if (dropped is not null)
                        {
                            var longest = kept[dropped.Client];
                            Assert.Equal((most, dropped), (longest.Count, longest[^1]));
                            longest.RemoveAt(longest.Count - 1);
                        }
                        if (fits)
                        {
                            own.Add(item);
                        }
                    }
                    else if (what < 9)
                    {
                        Assert.Equal(kept.Any(all => all.Count > 0), queue.TryTake(out var taken));
                        if (taken is not null)
                        {
                            Assert.Equal(kept[taken.Client][0], taken);
                            kept[taken.Client].RemoveAt(0);
                        }
                    }
                    else if (own.Count > 0)
                    {
                        Assert.True(queue.Remove(client, own[^1]));
                        own.RemoveAt(own.Count - 1);
                    }
                    Assert.Equal(kept.Sum(all => all.Count), queue.Count);
                }
                Assert.Equal(kept.Sum(all => all.Count), TakeAll(queue).Count);
            });

    private static List<TItem> TakeAll<TClient, TItem>(FairQueue<TClient, TItem> queue)
        where TClient : notnull
        where TItem : class
    {
        List<TItem> all = [];
        while (queue.TryTake(out var item))
        {
            all.Add(item);
        }
        return all;
    }

    private sealed record Item(int Client, int Number);
}
