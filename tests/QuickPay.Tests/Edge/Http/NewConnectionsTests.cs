using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Edge;
using QuickPay.Edge.Http;

namespace QuickPay.Tests.Edge.Http;

/// <summary>How fast one client may open connections; each of them ends at once here.</summary>
public sealed class NewConnectionsTests
{
    private const int Burst = 5;
    private const int PerSecond = 10;
    private static readonly ClientNetwork One = ClientNetwork.Of(IPAddress.Parse("203.0.113.7"));
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void After_a_burst_they_come_at_their_rate()
    {
        var caps = Caps();

        Assert.Equal(Burst, Entered(caps, One, 50));
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(0, Entered(caps, One, 50));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, Entered(caps, One, 50));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Burst, Entered(caps, One, 50));
    }

    [Fact]
    public void What_one_uses_up_others_have()
    {
        var caps = Caps();
        Entered(caps, One, 50);

        Assert.Equal(Burst, Entered(caps, ClientNetwork.Of(IPAddress.Parse("203.0.113.8")), 50));
        Assert.Equal(50, Entered(caps, One, 50, mayBeMany: true));
    }

    [Fact]
    public void Who_has_been_away_is_forgotten()
    {
        var connections = new NewConnections(PerSecond, Burst, _time);
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(connections.TryTake(new ClientNetwork((UInt128)i)));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        // A hundred are not full again yet; the others wait to be swept.
        Assert.InRange(connections.Count, 100, 1_100);
    }

    private static int Entered(ConnectionCaps caps, ClientNetwork client, int times, bool mayBeMany = false)
    {
        var entered = 0;
        for (var i = 0; i < times; i++)
        {
            if (caps.TryEnter(client, mayBeMany))
            {
                entered++;
                caps.Leave(client);
            }
        }
        return entered;
    }

    private ConnectionCaps Caps() =>
        new(
            Options.Create(new ConnectionOptions { PerAddressMax = Burst, NewPerSecondPerAddress = PerSecond }),
            Options.Create(new EdgeOptions()),
            _time
        );
}
