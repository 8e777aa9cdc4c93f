using System.Buffers.Binary;
using System.Buffers.Text;
using QuickPay.Postgres;

namespace QuickPay.Ledger;

/// <summary>
/// What a client must not read behind: its account's version and the primary's log position after its last acknowledged
/// change, on one timeline. Opaque to clients; a promotion or restore begins a new timeline, on which older positions say
/// nothing, so that reads go to the primary.
/// </summary>
/// <param name="Timeline">The primary's timeline.</param>
/// <param name="Lsn">A replica that has replayed this far shows the change.</param>
/// <param name="Account">The account that <paramref name="Version"/> is of; the nil uuid without one.</param>
/// <param name="Version">The account's version.</param>
public readonly record struct ConsistencyToken(uint Timeline, ulong Lsn, Guid Account, long Version)
{
    public const string Name = "QuickPay-Consistency";
    private const byte Format = 1;
    private const int Size = 1 + 4 + 8 + 16 + 8;

    /// <summary>The longest text that can be a token.</summary>
    public const int TextMax = (Size * 4 + 2) / 3;

    /// <summary>What a replica must have replayed.</summary>
    public LogPosition Position => new(Timeline, Lsn);

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Format;
        BinaryPrimitives.WriteUInt32BigEndian(bytes[1..], Timeline);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[5..], Lsn);
        Account.TryWriteBytes(bytes[13..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[29..], Version);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False for anything that this service did not write; a client's token is a hint, never a right.</summary>
    public static bool TryParse(string? text, out ConsistencyToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (
            text?.Length != TextMax
            || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written)
            || written != Size
            || bytes[0] != Format
            || BinaryPrimitives.ReadInt64BigEndian(bytes[29..]) < 0
        )
        {
            return false;
        }
        token = new ConsistencyToken(
            BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[5..]),
            new Guid(bytes[13..29], bigEndian: true),
            BinaryPrimitives.ReadInt64BigEndian(bytes[29..])
        );
        return true;
    }
}
