using System.Net;
using QuickPay.Edge.Http;

namespace QuickPay.Tests.Edge.Http;

public sealed class ClientNetworkTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::1", "0.0.0.0", false)]
    [InlineData("::c000:201", "192.0.2.1", false)]
    [InlineData("0:0:0:1::", "0.0.0.1", false)]
    public void A_client_is_an_IPv4_address_or_an_IPv6_address_s_64(string one, string other, bool same) =>
        Assert.Equal(same, ClientNetwork.Of(IPAddress.Parse(one)) == ClientNetwork.Of(IPAddress.Parse(other)));
}
