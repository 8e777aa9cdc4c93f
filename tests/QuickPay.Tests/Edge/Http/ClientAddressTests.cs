using System.Net;
using CsCheck;
using Microsoft.AspNetCore.Http;
using QuickPay.Edge.Http;

namespace QuickPay.Tests.Edge.Http;

/// <summary>Whom the edge takes for the client.</summary>
public sealed class ClientAddressTests
{
    private static readonly ClientAddress BehindTen = new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")]);

    [Theory]
    // From a stranger nothing is believed.
    [InlineData("203.0.113.9", "1.2.3.4", "203.0.113.9")]
    [InlineData("2001:db8::1", "1.2.3.4", "2001:db8::1")]
    // From a trusted proxy what it wrote last.
    [InlineData("10.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("fd00::1", "203.0.113.9", "203.0.113.9")]
    [InlineData("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "6.6.6.6|203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "203.0.113.9|10.0.0.2, 10.0.0.3", "203.0.113.9")]
    [InlineData("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9")]
    // With a port, in brackets, mapped.
    [InlineData("10.0.0.1", "203.0.113.9:4321", "203.0.113.9")]
    [InlineData("10.0.0.1", "[2001:db8::7]:4321", "2001:db8::7")]
    [InlineData("10.0.0.1", "2001:db8::7", "2001:db8::7")]
    [InlineData("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9")]
    // Nonsense: the nearest known.
    [InlineData("10.0.0.1", "", "10.0.0.1")]
    [InlineData("10.0.0.1", "unknown", "10.0.0.1")]
    [InlineData("10.0.0.1", "203.0.113.9, _hidden, 10.0.0.2", "10.0.0.2")]
    [InlineData("10.0.0.1", "203.0.113.9, ", "10.0.0.1")]
    [InlineData("10.0.0.1", "16909060", "10.0.0.1")]
    [InlineData("10.0.0.1", "1.2", "10.0.0.1")]
    public void The_client_is_the_first_from_the_right_that_is_no_trusted_proxy(string peer, string forwarded, string client)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        context.Request.Headers["X-Forwarded-For"] = forwarded.Split('|');

        Assert.Equal(IPAddress.Parse(client), BehindTen.Of(context));
    }

    [Fact]
    public void Hops_are_followed_no_further_than_ten()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.1");
        context.Request.Headers["X-Forwarded-For"] = "203.0.113.9, " + string.Join(", ", Enumerable.Repeat("10.0.0.2", 10));

        Assert.Equal(IPAddress.Parse("10.0.0.2"), BehindTen.Of(context));
    }

    /// <summary>Whatever a client writes, the part that its proxy adds decides.</summary>
    [Fact]
    public void What_a_client_writes_itself_is_hearsay() =>
        Gen.String.Sample(written =>
        {
            var context = new DefaultHttpContext();
            context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.1");
            context.Request.Headers["X-Forwarded-For"] = $"{written}, 203.0.113.9";
            return BehindTen.Of(context).Equals(IPAddress.Parse("203.0.113.9"));
        });
}
