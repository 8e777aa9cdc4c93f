using System.Net;

namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// The network of the three zones. With root, each zone is a network namespace with two cables, and a zone can be cut off as a broken line
/// would cut it off: packets vanish, nobody is told. Without, each zone is an address of loopback, and nothing can be cut.
/// <code>
///                members (this machine)                 10.x.y.1
///        ┌──────────────┼──────────────┐    public      10.x.y.0/24
///     zone a         zone b         zone c              .11 .12 .13
///        └──────────────┼──────────────┘    private     10.x.y+1.0/24
///                  (and this machine, to look after them)
/// </code>
/// </summary>
public sealed class ZoneNetwork
{
    private readonly string _id;

    private ZoneNetwork(string id, IReadOnlyList<Zone> zones, string subnet) => (_id, Zones, Subnet) = (id, zones, subnet);

    /// <summary>In the order in which they are preferred.</summary>
    public IReadOnlyList<Zone> Zones { get; }

    /// <summary>The private subnet (CIDR): who comes from there is one of us.</summary>
    public string Subnet { get; }

    /// <summary>Whether zones can be cut off.</summary>
    public bool CanBeCut => Zones[0].Namespace is not null;

    /// <summary>Makes the network of a data folder; what a killed predecessor left of it goes first.</summary>
    /// <exception cref="LocalException">`ip` is missing, or its addresses are in use.</exception>
    /// <exception cref="StartFailedException">The kernel refuses.</exception>
    public static async Task<ZoneNetwork> CreateAsync(DataFolder data, CancellationToken cancellationToken)
    {
        var id = DataFolder.ShortHash(data.Root)[..6];
        if (!await CanMakeNamespacesAsync(cancellationToken).ConfigureAwait(false))
            return OnLoopback(data, id);
        await RemoveAsync(id, cancellationToken).ConfigureAwait(false);
        var (_, x, y) = PartsOf(ZoneSubnet.OfNamespaces(data.ZonesFile, NumberOf(id), ZoneSubnet.InUse()));
        var zones = Zone
            .Names.Select((name, i) => new Zone(name, $"10.{x}.{y + 1}.{11 + i}", $"10.{x}.{y}.{11 + i}", NamespaceOf(id, name)))
            .ToList();
        var network = new ZoneNetwork(id, zones, $"10.{x}.{y + 1}.0/24");
        try
        {
            await network.LayAsync($"10.{x}.{y}.1/24", $"10.{x}.{y + 1}.1/24", cancellationToken).ConfigureAwait(false);
            return network;
        }
        catch
        {
            await network.RemoveAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>From here on no packet passes between this zone and the others. Members still reach it.</summary>
    public Task CutFromOthersAsync(Zone zone) => SetPortAsync(Private(zone), open: false);

    /// <summary>From here on no packet passes between this zone and anybody: it has vanished from the network.</summary>
    public async Task CutOffAsync(Zone zone)
    {
        await SetPortAsync(Private(zone), open: false).ConfigureAwait(false);
        await SetPortAsync(Public(zone), open: false).ConfigureAwait(false);
    }

    /// <summary>Everybody reaches this zone again.</summary>
    public async Task HealAsync(Zone zone)
    {
        await SetPortAsync(Private(zone), open: true).ConfigureAwait(false);
        await SetPortAsync(Public(zone), open: true).ConfigureAwait(false);
    }

    /// <summary>Takes everything down again.</summary>
    public Task RemoveAsync() => CanBeCut ? RemoveAsync(_id, CancellationToken.None) : Task.CompletedTask;

    /// <summary>Takes down what a run that was killed has left of a folder's network.</summary>
    internal static async Task RemoveLeftoverAsync(DataFolder data)
    {
        if (Environment.IsPrivilegedProcess && File.Exists(IpProgram))
            await RemoveAsync(DataFolder.ShortHash(data.Root)[..6], CancellationToken.None).ConfigureAwait(false);
    }

    private const string IpProgram = "/usr/sbin/ip";
    private const string BridgeProgram = "/usr/sbin/bridge";

    private static string NamespaceOf(string id, string zone) => $"quickpay-{id}-{zone}";

    // An interface's name has room for 15 characters.
    private static string PublicBridge(string id) => $"qp{id}p";

    private static string PrivateBridge(string id) => $"qp{id}q";

    private string Public(Zone zone) => $"qp{_id}p{zone.Name}";

    private string Private(Zone zone) => $"qp{_id}q{zone.Name}";

    /// <summary>Zones as addresses of loopback, others for each data folder.</summary>
    private static ZoneNetwork OnLoopback(DataFolder data, string id)
    {
        var (_, x, y) = PartsOf(ZoneSubnet.OfLoopback(data.ZonesFile, NumberOf(id)));
        var zones = Zone.Names.Select((name, i) => new Zone(name, $"127.{x}.{y}.{11 + i}", $"127.{x}.{y}.{11 + i}", null)).ToList();
        // Whoever connects to an address of loopback comes from 127.0.0.1.
        return new ZoneNetwork(id, zones, "127.0.0.0/8");
    }

    private static int NumberOf(string id) => Convert.ToInt32(id, 16);

    private static (byte First, byte Second, byte Third) PartsOf(IPNetwork subnet) =>
        subnet.BaseAddress.GetAddressBytes() is [var first, var second, var third, _]
            ? (first, second, third)
            : throw new InvalidOperationException($"{subnet} is not of IPv4.");

    private static async Task<bool> CanMakeNamespacesAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return false;
        foreach (var program in (string[])[IpProgram, BridgeProgram])
            if (!File.Exists(program))
                throw new LocalException($"{program} is missing. Install it: apt-get install iproute2");
        // Root in a container may lack the right; then zones are addresses.
        var (exitCode, _, _) = await Tool.TryRunAsync("unshare", ["--net", "true"], null, null, cancellationToken).ConfigureAwait(false);
        return exitCode == 0;
    }

    private async Task LayAsync(string publicAddress, string privateAddress, CancellationToken cancellationToken)
    {
        List<string> commands = [];
        foreach (var (bridge, address) in ((string, string)[])[(PublicBridge(_id), publicAddress), (PrivateBridge(_id), privateAddress)])
            commands.AddRange([$"link add {bridge} type bridge", $"addr add {address} dev {bridge}", $"link set {bridge} up"]);
        foreach (var zone in Zones)
        {
            commands.AddRange([$"netns add {zone.Namespace}", $"-n {zone.Namespace} link set lo up"]);
            Cable(zone, Public(zone), PublicBridge(_id), "public", zone.MembersAddress);
            Cable(zone, Private(zone), PrivateBridge(_id), "private", zone.Address);
        }
        foreach (var command in commands)
            await IpAsync(command, cancellationToken).ConfigureAwait(false);

        void Cable(Zone zone, string outer, string bridge, string inner, string address) =>
            commands.AddRange([
                $"link add {outer} type veth peer name {inner} netns {zone.Namespace}",
                $"link set {outer} master {bridge} up",
                $"-n {zone.Namespace} addr add {address}/24 dev {inner}",
                $"-n {zone.Namespace} link set {inner} up",
            ]);
    }

    /// <summary>A closed port of a bridge drops every packet, while both ends believe that the cable is there (STP's `disabled`).</summary>
    private async Task SetPortAsync(string port, bool open)
    {
        if (!CanBeCut)
            throw new LocalException("Zones can be cut off only where they have networks of their own, which takes root.");
        await Tool.RunAsync(BridgeProgram, ["link", "set", "dev", port, "state", open ? "3" : "0"], null, null, CancellationToken.None)
            .ConfigureAwait(false);
    }

    private static async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        // What is not there need not be removed; a namespace takes its cables along.
        foreach (var name in Zone.Names.Select(zone => NamespaceOf(id, zone)))
            if (File.Exists($"/run/netns/{name}"))
                await IpAsync($"netns del {name}", cancellationToken).ConfigureAwait(false);
        foreach (var name in (string[])[PublicBridge(id), PrivateBridge(id)])
            if (Directory.Exists($"/sys/class/net/{name}"))
                await IpAsync($"link del {name}", cancellationToken).ConfigureAwait(false);
    }

    private static Task<string> IpAsync(string arguments, CancellationToken cancellationToken) =>
        Tool.RunAsync(IpProgram, arguments.Split(' '), null, null, cancellationToken);
}
