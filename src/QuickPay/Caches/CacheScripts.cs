using System.Buffers.Binary;

namespace QuickPay.Caches;

/// <summary>
/// The two ways in which entries change, each atomic. Every entry begins with the account's version and the position in the primary's log, both
/// 8 bytes big-endian: the newer one wins, whatever the order in which writers arrive.
/// </summary>
/// <remarks>
/// Neither the append-only file nor the replicas hear of entries: with <c>appendfsync always</c>, which sessions need, each would be a disk
/// write, and what is lost with its server is read anew.
/// </remarks>
internal static class CacheScripts
{
    public const int HeadSize = 16;

    /// <summary>KEYS entries; ARGV for each: its value, its life in seconds. Answers how many were newer.</summary>
    public const string Put = """
        redis.set_repl(redis.REPL_NONE)
        local put = 0
        for i, key in ipairs(KEYS) do
          local new, seconds = ARGV[2 * i - 1], ARGV[2 * i]
          local old = redis.call('GETRANGE', key, 0, 15)
          local newer = true
          if #old == 16 then
            local version, lsn = struct.unpack('>I8I8', old)
            local version2, lsn2 = struct.unpack('>I8I8', new)
            newer = version2 > version or (version2 == version and lsn2 > lsn)
          end
          if newer then
            redis.call('SET', key, new, 'EX', seconds)
            put = put + 1
          end
        end
        return put
        """;

    /// <summary>KEYS entries; ARGV for each: the account's version. Takes away what is older, and answers how many were.</summary>
    public const string DropOlder = """
        redis.set_repl(redis.REPL_NONE)
        local dropped = 0
        for i, key in ipairs(KEYS) do
          local old = redis.call('GETRANGE', key, 0, 7)
          if #old == 8 and struct.unpack('>I8', old) < tonumber(ARGV[i]) then
            redis.call('DEL', key)
            dropped = dropped + 1
          end
        end
        return dropped
        """;

    public static void WriteHead(Span<byte> entry, long version, ulong lsn)
    {
        BinaryPrimitives.WriteInt64BigEndian(entry, version);
        BinaryPrimitives.WriteUInt64BigEndian(entry[8..], lsn);
    }

    public static (long Version, ulong Lsn) ReadHead(ReadOnlySpan<byte> entry) =>
        (BinaryPrimitives.ReadInt64BigEndian(entry), BinaryPrimitives.ReadUInt64BigEndian(entry[8..]));
}
