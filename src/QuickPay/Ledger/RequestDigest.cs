using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace QuickPay.Ledger;

/// <summary>
/// 128 bits of SHA-256 over a sequence of values, each with its length or presence, so that no two sequences read alike.
/// Used for idempotency keys (member, operation, key) and for what was asked under them.
/// </summary>
public ref struct RequestDigest
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_spare;

    private readonly ArrayBufferWriter<byte> _bytes;

    /// <param name="domain">What is digested; different domains never meet.</param>
    public RequestDigest(string domain)
    {
        // Taken, not shared: another digest may be made while this one is under way.
        _bytes = s_spare ?? new ArrayBufferWriter<byte>(512);
        s_spare = null;
        Add(domain);
    }

    /// <summary>What the ledger keeps a request under: keys are a member's own, and one operation's own.</summary>
    public static Guid OfKey(Guid memberId, string operation, string key) =>
        new RequestDigest("key").Add(memberId).Add(operation).Add(key).Finish();

    public readonly RequestDigest Add(Guid value)
    {
        value.TryWriteBytes(_bytes.GetSpan(16), bigEndian: true, out _);
        _bytes.Advance(16);
        return this;
    }

    public readonly RequestDigest Add(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    /// <summary>Null and empty are different values.</summary>
    public readonly RequestDigest Add(string? value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(4), value is null ? -1 : Encoding.UTF8.GetByteCount(value));
        _bytes.Advance(4);
        if (value is not null)
        {
            Encoding.UTF8.GetBytes(value, _bytes);
        }
        return this;
    }

    /// <summary>The digest; nothing may be added after it.</summary>
    public readonly Guid Finish()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_bytes.WrittenSpan, hash);
        _bytes.ResetWrittenCount();
        s_spare = _bytes;
        return new Guid(hash[..16], bigEndian: true);
    }
}
