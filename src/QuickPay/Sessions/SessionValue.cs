using System.Buffers.Binary;

namespace QuickPay.Sessions;

/// <summary>
/// What stands under a session's key: 16 bytes member id (big-endian), then, once a PIN was verified, 8 bytes expiry (Unix
/// milliseconds, big-endian) and 32 bytes keyed digest of that PIN. Fixed offsets let a script write the PIN in place without
/// touching the key's lifetime, and the one read of the session check brings it along.
/// </summary>
internal static class SessionValue
{
    public const int PinOffset = 16;
    public const int PinDigestBytes = 32;
    private const int WithPinBytes = PinOffset + sizeof(long) + PinDigestBytes;

    public static byte[] Of(Guid member) => member.ToByteArray(bigEndian: true);

    public static byte[] PinPart(long expiresAtMs, ReadOnlySpan<byte> digest)
    {
        var bytes = new byte[sizeof(long) + PinDigestBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, expiresAtMs);
        digest.CopyTo(bytes.AsSpan(sizeof(long)));
        return bytes;
    }

    public static bool BelongsTo(ReadOnlySpan<byte> value, Guid member) =>
        value.Length >= PinOffset && new Guid(value[..PinOffset], bigEndian: true) == member;

    /// <summary>When the remembered PIN is forgotten; 0 when none is remembered.</summary>
    public static long PinExpiresAtMs(ReadOnlySpan<byte> value) =>
        value.Length == WithPinBytes ? BinaryPrimitives.ReadInt64BigEndian(value[PinOffset..]) : 0;

    public static ReadOnlySpan<byte> PinDigest(ReadOnlySpan<byte> value) => value[(PinOffset + sizeof(long))..];
}
