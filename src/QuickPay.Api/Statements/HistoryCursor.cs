using System.Buffers.Binary;
using System.Buffers.Text;

namespace QuickPay.Api.Statements;

/// <summary>
/// Where a page ended: the account's version of its last row. Bound to the account; it grants nothing, since the account is
/// checked against the caller each time.
/// </summary>
internal readonly record struct HistoryCursor(Guid AccountId, long Version)
{
    private const byte Format = 1;
    private const int Size = 1 + 16 + 8;
    private const int TextSize = (Size * 4 + 2) / 3;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Format;
        AccountId.TryWriteBytes(bytes[1..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[17..], Version);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out HistoryCursor cursor)
    {
        Span<byte> bytes = stackalloc byte[Size];
        cursor = default;
        if (
            text.Length != TextSize
            || !TryDecode(text, bytes)
            || bytes[0] != Format
            || BinaryPrimitives.ReadInt64BigEndian(bytes[17..]) <= 0
        )
        {
            return false;
        }
        cursor = new HistoryCursor(new Guid(bytes[1..17], bigEndian: true), BinaryPrimitives.ReadInt64BigEndian(bytes[17..]));
        return true;
    }

    private static bool TryDecode(string text, Span<byte> bytes) =>
        Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == Size;
}
