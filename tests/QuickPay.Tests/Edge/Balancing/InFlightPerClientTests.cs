using System.Net;
using QuickPay.Edge.Balancing;
using QuickPay.Edge.Http;

namespace QuickPay.Tests.Edge.Balancing;

/// <summary>How many requests of one client servers work on.</summary>
public sealed class InFlightPerClientTests
{
    private static readonly ClientNetwork One = ClientNetwork.Of(IPAddress.Parse("2001:db8:0:1::7"));
    private static readonly ClientNetwork Neighbour = ClientNetwork.Of(IPAddress.Parse("2001:db8:0:1::8"));
    private static readonly ClientNetwork Other = ClientNetwork.Of(IPAddress.Parse("2001:db8:0:2::7"));
    private readonly InFlightPerClient _inFlight = new(2);

    [Fact]
    public void A_network_has_so_many_together_and_others_have_theirs()
    {
        Assert.True(_inFlight.TryEnter(One));
        Assert.True(_inFlight.TryEnter(Neighbour));
        Assert.False(_inFlight.TryEnter(One));
        Assert.True(_inFlight.TryEnter(Other));

        _inFlight.Leave(Neighbour);
        Assert.True(_inFlight.TryEnter(One));
        Assert.False(_inFlight.TryEnter(Neighbour));
    }

    [Fact]
    public void Who_has_none_is_forgotten()
    {
        foreach (var client in (ClientNetwork[])[One, One, Other])
        {
            Assert.True(_inFlight.TryEnter(client));
        }
        Assert.False(_inFlight.TryEnter(One));
        Assert.Equal(2, _inFlight.Clients);

        Array.ForEach([One, One, Other], _inFlight.Leave);
        Assert.Equal(0, _inFlight.Clients);
    }

    [Fact]
    public void Counting_is_no_garbage()
    {
        CountMany();
        var before = GC.GetAllocatedBytesForCurrentThread();
        CountMany();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void CountMany()
        {
            for (var i = 0; i < 1_000; i++)
            {
                _inFlight.TryEnter(One);
                _inFlight.Leave(One);
            }
        }
    }

    [Fact]
    public void Many_threads_count_as_one()
    {
        var (inside, most) = (0, 0);

        Parallel.For(
            0,
            20_000,
            _ =>
            {
                if (_inFlight.TryEnter(One))
                {
                    var now = Interlocked.Increment(ref inside);
                    InterlockedMax(ref most, now);
                    Interlocked.Decrement(ref inside);
                    _inFlight.Leave(One);
                }
            }
        );

        Assert.InRange(most, 1, 2);
        Assert.Equal(0, _inFlight.Clients);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
