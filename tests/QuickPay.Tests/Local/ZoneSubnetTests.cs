using System.Net;
using QuickPay.Cli.Local;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Tests.Local;

/// <summary>Where zones have their addresses: where nobody else is, and for ever there.</summary>
public sealed class ZoneSubnetTests : IDisposable
{
    private const int Number = 0b_0001_0010_000101;
    private static readonly IPNetwork Preferred = IPNetwork.Parse("10.101.18.0/23");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quickpay-zone-subnet-");

    private string Kept => Path.Combine(_folder.FullName, "zones");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_folder_keeps_the_subnet_of_its_first_start()
    {
        var first = ZoneSubnet.OfNamespaces(Kept, Number, [Preferred]);

        Assert.NotEqual(Preferred, first);
        Assert.Equal(first, ZoneSubnet.OfNamespaces(Kept, Number, []));
    }

    [Fact]
    public void A_new_folder_gets_the_subnet_of_its_number() => Assert.Equal(Preferred, ZoneSubnet.OfNamespaces(Kept, Number, []));

    [Theory]
    [InlineData("10.101.0.0/16")]
    [InlineData("10.101.18.0/24")]
    [InlineData("10.101.19.0/24")]
    [InlineData("10.101.19.77/32")]
    public void A_subnet_of_which_any_part_is_in_use_is_not_taken(string inUse)
    {
        var used = IPNetwork.Parse(inUse);
        var chosen = ZoneSubnet.OfNamespaces(Kept, Number, [used]);

        Assert.NotEqual(Preferred, chosen);
        Assert.False(used.Contains(chosen.BaseAddress));
    }

    [Fact]
    public void One_that_is_kept_and_in_use_is_refused_with_its_name()
    {
        ZoneSubnet.OfNamespaces(Kept, Number, []);

        var refused = Assert.Throws<LocalException>(() => ZoneSubnet.OfNamespaces(Kept, Number, [IPNetwork.Parse("10.101.19.0/24")]));
        Assert.Contains($"{Preferred}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void When_all_are_in_use_nothing_is_chosen()
    {
        Assert.Throws<LocalException>(() => ZoneSubnet.OfNamespaces(Kept, Number, [IPNetwork.Parse("10.0.0.0/8")]));
        Assert.False(File.Exists(Kept));
    }

    [Fact]
    public void Zones_with_networks_of_their_own_do_not_become_addresses_of_loopback()
    {
        ZoneSubnet.OfNamespaces(Kept, Number, []);

        Assert.Throws<LocalException>(() => ZoneSubnet.OfLoopback(Kept, Number));
    }

    [Fact]
    public void Addresses_of_loopback_are_kept_too()
    {
        var first = ZoneSubnet.OfLoopback(Kept, Number);

        Assert.Equal(first, ZoneSubnet.OfLoopback(Kept, Number + 1));
        Assert.Throws<LocalException>(() => ZoneSubnet.OfNamespaces(Kept, Number, []));
    }

    /// <summary>The default route and a VPN's to all of 10.0.0.0/8 lead everywhere, and are no reason to refuse.</summary>
    [Fact]
    public void Routes_name_networks_that_have_no_address_here()
    {
        const string Table = """
            Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
            eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
            tun0	0000000A	010200C0	0003	0	0	0	000000FF	0	0	0
            eth0	0000650A	010200C0	0003	0	0	0	0000FFFF	0	0	0
            qp0	002A750A	00000000	0001	0	0	0	00FFFFFF	0	0	0
            """;

        Assert.Equal(
            [IPNetwork.Parse("10.101.0.0/16"), IPNetwork.Parse("10.117.42.0/24")],
            ZoneSubnet.RoutesIn(Table.Split('\n')).ToList()
        );
    }

    [Fact]
    public void This_machine_is_in_the_network_of_loopback() =>
        Assert.Contains(ZoneSubnet.InUse(), network => network.Contains(IPAddress.Loopback));
}
