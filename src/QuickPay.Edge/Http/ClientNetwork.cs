using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace QuickPay.Edge.Http;

/// <summary>What counts as one client: an IPv4 address, or the /64 of an IPv6 address, within which a client picks addresses freely.</summary>
internal readonly record struct ClientNetwork(UInt128 Number)
{
    // Bit 32 tells IPv4 from IPv6, whose lower half is always zero here.
    private static readonly UInt128 IPv4 = UInt128.One << 32;

    /// <param name="address">IPv4 not mapped into IPv6.</param>
    public static ClientNetwork Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? new(IPv4 | BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new(new UInt128(BinaryPrimitives.ReadUInt64BigEndian(bytes), 0));
    }
}
