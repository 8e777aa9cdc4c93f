using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using QuickPay.Edge.Http;
using QuickPay.Members;
using QuickPay.Operators;
using StackExchange.Redis;

namespace QuickPay.Edge.Limits;

/// <summary>Whom a limit counts, as 128 bits.</summary>
internal static class SubjectIds
{
    /// <summary>The one subject of a limit for everybody together.</summary>
    public static readonly UInt128 Everybody = UInt128.Zero;

    private const int KeyHashBytes = 16;
    private const int IdBytes = 16;

    public static UInt128 OfAddress(IPAddress address) => ClientNetwork.Of(address).Number;

    public static UInt128 OfMember(Guid member)
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        member.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>
    /// The top-level field <c>phone</c> of a JSON body, in the one spelling that the API gives it. Null when there is none that the API would
    /// take: such a body is refused there, and until then counts for its address only.
    /// </summary>
    public static UInt128? OfPhoneIn(ReadOnlySpan<byte> json) =>
        PhoneNumber.TryNormalise(TextIn(json, "phone"u8), out var e164)
            ? UInt128.Parse(e164.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture)
            : null;

    /// <summary>The top-level field <c>name</c> of an operator's log-in; null when there is none that the API would take.</summary>
    public static UInt128? OfOperatorIn(ReadOnlySpan<byte> json)
    {
        if (TextIn(json, "name"u8) is not { } name || !OperatorDirectory.IsName(name))
        {
            return null;
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(name), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>The name of a subject's log in Redis. Who reads Redis without the key learns neither addresses nor phone numbers.</summary>
    public static RedisKey KeyOf(byte[] hashKey, Limit limit, UInt128 id)
    {
        var name = Encoding.ASCII.GetBytes(limit.Name);
        var subject = new byte[name.Length + IdBytes];
        name.CopyTo(subject, 0);
        BinaryPrimitives.WriteUInt128BigEndian(subject.AsSpan(name.Length), id);
        var hash = HMACSHA256.HashData(hashKey, subject);
        return $"{LeaseScript.KeyPrefix}{limit.Name}:{Convert.ToHexStringLower(hash.AsSpan(0, KeyHashBytes))}";
    }

    private static string? TextIn(ReadOnlySpan<byte> json, ReadOnlySpan<byte> field)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = reader.ValueTextEquals(field);
                reader.Read();
                if (isIt)
                {
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }
                reader.Skip();
            }
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or a string that is no text.
            return null;
        }
    }
}
