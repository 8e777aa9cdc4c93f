using System.Buffers.Binary;
using QuickPay.Accounts;
using QuickPay.Money;

namespace QuickPay.Caches;

/// <summary>A balance as Redis keeps it: head (<see cref="CacheScripts"/>), format, owner, balance, held, currency, time.</summary>
internal static class BalanceEntry
{
    private const byte Format = 1;
    private const int Size = CacheScripts.HeadSize + 1 + 16 + 8 + 8 + 2 + 8;

    public static byte[] Write(AccountBalance balance, Guid owner)
    {
        var entry = new byte[Size];
        var rest = entry.AsSpan(CacheScripts.HeadSize);
        CacheScripts.WriteHead(entry, balance.Version, balance.Lsn);
        rest[0] = Format;
        owner.TryWriteBytes(rest[1..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(rest[17..], balance.Balance);
        BinaryPrimitives.WriteInt64BigEndian(rest[25..], balance.Held);
        BinaryPrimitives.WriteInt16BigEndian(rest[33..], (short)balance.Currency);
        BinaryPrimitives.WriteInt64BigEndian(rest[35..], balance.AsOf.Ticks);
        return entry;
    }

    /// <summary>Null for what another version of this service wrote, and for another member's account.</summary>
    /// <param name="entry">As Redis answered it.</param>
    /// <param name="account">Whose entry it is.</param>
    /// <param name="owner">Who asks.</param>
    /// <param name="timeline">In whose names it was found.</param>
    public static AccountBalance? Read(ReadOnlySpan<byte> entry, Guid account, Guid owner, uint timeline)
    {
        if (entry.Length != Size || entry[CacheScripts.HeadSize] != Format)
        {
            return null;
        }
        var (version, lsn) = CacheScripts.ReadHead(entry);
        var rest = entry[CacheScripts.HeadSize..];
        if (new Guid(rest[1..17], bigEndian: true) != owner)
        {
            return null;
        }
        return new AccountBalance(
            account,
            BinaryPrimitives.ReadInt64BigEndian(rest[17..]),
            BinaryPrimitives.ReadInt64BigEndian(rest[25..]),
            version,
            (Currency)BinaryPrimitives.ReadInt16BigEndian(rest[33..]),
            new DateTime(BinaryPrimitives.ReadInt64BigEndian(rest[35..]), DateTimeKind.Utc),
            timeline,
            lsn
        );
    }
}
