using System.Net;
using System.Net.Sockets;
using System.Text;

namespace QuickPay.IntegrationTests.Edge.Countries;

/// <summary>
/// Writes small databases in MaxMind's form, version 2.0: a binary search tree of 24-bit records over the bits of an IPv6 address (IPv4 is
/// <c>::/96</c>), a data section, and metadata at the end.
/// </summary>
internal sealed class MmdbWriter(bool flat = false)
{
    private const int AddressBits = 128;
    private const int SeparatorBytes = 16;
    private static readonly byte[] MetadataMarker = [0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8];
    private readonly Node _root = new();
    private readonly List<byte> _data = [];

    /// <param name="network">Such as <c>203.0.113.0/24</c> or <c>2001:db8::/32</c>; none within another.</param>
    public MmdbWriter Add(string network, string country)
    {
        var parsed = IPNetwork.Parse(network);
        var isIPv4 = parsed.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        byte[] bytes = isIPv4 ? [.. new byte[12], .. parsed.BaseAddress.GetAddressBytes()] : parsed.BaseAddress.GetAddressBytes();
        var length = parsed.PrefixLength + (isIPv4 ? 96 : 0);
        var node = _root;
        for (var bit = 0; bit < length - 1; bit++)
        {
            node = node.Children[Bit(bytes, bit)] ??= new Node();
        }
        node.Children[Bit(bytes, length - 1)] = new Node { Data = _data.Count };
        // country: {iso_code: …} as MaxMind writes it, country_code: … as ip-location-db does.
        _data.AddRange(flat ? Map(("country_code", Text(country))) : Map(("country", Map(("iso_code", Text(country))))));
        return this;
    }

    public void Write(string file, DateTimeOffset built)
    {
        List<Node> nodes = [];
        Number(_root, nodes);
        List<byte> bytes = [];
        foreach (var node in nodes)
        {
            foreach (var child in node.Children)
            {
                var record =
                    child is null ? nodes.Count
                    : child.Data is { } offset ? nodes.Count + SeparatorBytes + offset
                    : child.Number;
                bytes.AddRange([(byte)(record >> 16), (byte)(record >> 8), (byte)record]);
            }
        }
        bytes.AddRange(new byte[SeparatorBytes]);
        bytes.AddRange(_data);
        bytes.AddRange(MetadataMarker);
        bytes.AddRange(
            Map(
                ("binary_format_major_version", Unsigned(5, 2)),
                ("binary_format_minor_version", Unsigned(5, 0)),
                ("build_epoch", Unsigned(9, (ulong)built.ToUnixTimeSeconds())),
                ("database_type", Text("QuickPay-Test-Country")),
                ("description", Map(("en", Text("made for a test")))),
                ("ip_version", Unsigned(5, 6)),
                ("languages", [0x01, 0x04, .. Text("en")]),
                ("node_count", Unsigned(6, (ulong)nodes.Count)),
                ("record_size", Unsigned(5, 24))
            )
        );
        File.WriteAllBytes(file + ".new", [.. bytes]);
        File.Move(file + ".new", file, overwrite: true);
    }

    private static void Number(Node node, List<Node> nodes)
    {
        node.Number = nodes.Count;
        nodes.Add(node);
        foreach (var child in node.Children.OfType<Node>().Where(child => child.Data is null))
        {
            Number(child, nodes);
        }
    }

    private static int Bit(byte[] bytes, int bit) => bit < AddressBits ? (bytes[bit / 8] >> (7 - bit % 8)) & 1 : 0;

    // A control byte: the type in three bits, the size in five; types from 8 on have a second byte.
    private static byte[] Text(string text)
    {
        // Longer ones need more bytes for their size.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, 28);
        return [(byte)((2 << 5) | text.Length), .. Encoding.UTF8.GetBytes(text)];
    }

    private static byte[] Map(params (string Key, byte[] Value)[] entries) =>
        [(byte)((7 << 5) | entries.Length), .. entries.SelectMany(entry => (byte[])[.. Text(entry.Key), .. entry.Value])];

    private static byte[] Unsigned(int type, ulong value)
    {
        List<byte> bytes = [];
        for (; value > 0; value >>= 8)
        {
            bytes.Insert(0, (byte)value);
        }
        return type < 8 ? [(byte)((type << 5) | bytes.Count), .. bytes] : [(byte)bytes.Count, (byte)(type - 7), .. bytes];
    }

    private sealed class Node
    {
        public Node?[] Children { get; } = new Node?[2];

        public int? Data { get; init; }

        public int Number { get; set; }
    }
}
