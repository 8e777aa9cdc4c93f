using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Numerics;
using System.Security.Cryptography;

namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// The addresses of the zones. A data folder keeps those of its first start: etcd remembers where its members reach each other, and would
/// never come up again at others.
/// </summary>
internal static class ZoneSubnet
{
    private const int Attempts = 50;

    // Routes of a company's VPN are often as wide as all of 10.0.0.0/8, and say nothing of which part of it is used.
    private const int WidestRoute = 16;

    /// <summary>Two neighbouring /24 of zones that have networks of their own, 10.96.0.0 to 10.159.255.255, as one /23.</summary>
    /// <param name="file">Where it is kept.</param>
    /// <param name="number">Of the data folder: the first choice, so that a folder that begins anew finds the same.</param>
    /// <param name="inUse">What this machine has another use for.</param>
    /// <exception cref="LocalException">The one that is kept is in use, or all that were tried are.</exception>
    public static IPNetwork OfNamespaces(string file, int number, IReadOnlyCollection<IPNetwork> inUse)
    {
        if (Kept(file, prefixLength: 23) is { } kept)
            return IsFree(kept)
                ? kept
                : throw new LocalException(
                    $"Something else on this machine uses a part of {kept}, where the zones of {Path.GetDirectoryName(file)} have their "
                        + "addresses (`ip -4 address` and `ip -4 route` name it). Free it, name another folder with --data, or begin anew "
                        + "with --fresh (which deletes what is in this one)."
                );
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var subnet = IPNetwork.Parse($"10.{96 + (number & 0x3F)}.{(number >> 6) & 0xFE}.0/23");
            if (IsFree(subnet))
                return Keep(file, subnet);
            number = RandomNumberGenerator.GetInt32(1 << 24);
        }
        throw new LocalException(
            $"{Attempts} subnets between 10.96.0.0 and 10.159.255.255 were tried for the zones, and all are in use (`ip -4 address` and "
                + "`ip -4 route` name by what)."
        );

        bool IsFree(IPNetwork subnet) => !inUse.Any(used => used.Contains(subnet.BaseAddress) || subnet.Contains(used.BaseAddress));
    }

    /// <summary>The /24 of zones that are addresses of loopback.</summary>
    /// <inheritdoc cref="OfNamespaces" path="/param" />
    public static IPNetwork OfLoopback(string file, int number) =>
        Kept(file, prefixLength: 24) ?? Keep(file, IPNetwork.Parse($"127.{64 + (number & 0x7F)}.{(number >> 7) & 0xFF}.0/24"));

    /// <summary>The networks that this machine is in, and those that it knows a way to.</summary>
    public static IReadOnlyCollection<IPNetwork> InUse() =>
        [
            .. NetworkInterface
                .GetAllNetworkInterfaces()
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Where(own => own.Address.AddressFamily == AddressFamily.InterNetwork)
                .Select(own => new IPNetwork(Masked(own.Address, own.PrefixLength), own.PrefixLength)),
            .. RoutesIn(File.ReadLines("/proc/net/route")),
        ];

    /// <summary>The networks in `/proc/net/route`: interface, destination, gateway, flags, three numbers, mask, and more.</summary>
    internal static IEnumerable<IPNetwork> RoutesIn(IEnumerable<string> lines) =>
        from line in lines.Skip(1)
        let fields = line.Split('\t', StringSplitOptions.TrimEntries)
        let prefixLength = BitOperations.PopCount(Number(fields[7]))
        where prefixLength >= WidestRoute
        select new IPNetwork(new IPAddress(Number(fields[1])), prefixLength);

    private static IPNetwork? Kept(string file, int prefixLength)
    {
        if (!File.Exists(file))
            return null;
        var kept = IPNetwork.Parse(File.ReadAllText(file).Trim());
        return kept.PrefixLength == prefixLength
            ? kept
            : throw new LocalException(
                $"The zones of {Path.GetDirectoryName(file)} are at {kept}: they were made {(prefixLength == 23 ? "without" : "with")} networks "
                    + $"of their own, and this start is one {(prefixLength == 23 ? "with" : "without")}. Start it as before (as root or not), "
                    + "name another folder with --data, or begin anew with --fresh (which deletes what is in this one)."
            );
    }

    private static IPNetwork Keep(string file, IPNetwork subnet)
    {
        PrivateFile.Write(file, $"{subnet}\n");
        return subnet;
    }

    // The kernel writes the four bytes as one number, in the order in which they lie in memory; so does .NET read them.
    private static uint Number(string hexadecimal) => uint.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static IPAddress Masked(IPAddress address, int bits)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xFF << Math.Clamp(8 - (bits - (8 * i)), 0, 8));
        return new IPAddress(bytes);
    }
}
