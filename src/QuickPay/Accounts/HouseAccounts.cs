using QuickPay.Money;

namespace QuickPay.Accounts;

/// <summary>What a house account is for.</summary>
public enum HousePurpose
{
    /// <summary>Where deposits come from.</summary>
    CashIn = 1,

    /// <summary>Where withdrawals go.</summary>
    CashOut = 2,

    /// <summary>What the house has earned.</summary>
    Fees = 3,

    /// <summary>Money whose owner is still to be found out.</summary>
    Suspense = 4,
}

/// <summary>
/// The accounts through which money enters and leaves, seeded by migration 0001. Each purpose has 16 shards a currency,
/// chosen by the other side's account, so that no single row is in every batch.
/// </summary>
public static class HouseAccounts
{
    /// <summary>Accounts of each purpose and currency.</summary>
    public const int Shards = 16;

    /// <summary>The shard that faces <paramref name="otherSide"/>.</summary>
    public static Guid For(HousePurpose purpose, Currency currency, Guid otherSide)
    {
        Span<byte> bytes = stackalloc byte[16];
        otherSide.TryWriteBytes(bytes, bigEndian: true, out _);
        return Of(purpose, currency, bytes[15] % Shards);
    }

    /// <summary>Is it one of these? Ids of all others begin with the time at which they were made.</summary>
    public static bool Includes(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return !bytes[..6].ContainsAnyExcept((byte)0);
    }

    /// <summary>A shard by its number; the id is the one that the migration wrote.</summary>
    public static Guid Of(HousePurpose purpose, Currency currency, int shard) =>
        Guid.ParseExact($"00000000-0000-8000-8{(short)currency:D3}-00000000{(int)purpose:D2}{shard:D2}", "D");
}
