namespace QuickPay.Bench.Load;

/// <summary>
/// One transfer the generator asks for, small enough to be kept for every request in flight. Key and bytes follow from it, so any
/// request can be sent again exactly as it was.
/// </summary>
internal readonly record struct TransferRequest(ulong Sequence, long From, long To, int Amount)
{
    public const int KeyLength = 36;

    /// <summary>
    /// The idempotency key: a random-looking UUIDv4 made from (run seed, sequence). Random on purpose: a counter would give the
    /// key's index a locality that real clients do not have.
    /// </summary>
    public static void WriteKey(ulong runSeed, ulong sequence, Span<byte> destination)
    {
        var high = LoadRandom.Mix(runSeed ^ LoadRandom.Mix(2 * sequence));
        var low = LoadRandom.Mix(runSeed ^ LoadRandom.Mix(2 * sequence + 1));
        var key = new Guid(
            (uint)(high >> 32),
            (ushort)(high >> 16),
            (ushort)((high & 0x0FFF) | 0x4000),
            (byte)(((low >> 56) & 0x3F) | 0x80),
            (byte)(low >> 48),
            (byte)(low >> 40),
            (byte)(low >> 32),
            (byte)(low >> 24),
            (byte)(low >> 16),
            (byte)(low >> 8),
            (byte)low
        );
        key.TryFormat(destination, out _);
    }
}

/// <summary>Draws transfers: sender by popularity, another account as recipient, a small amount.</summary>
internal sealed class TransferDraw(AccountSet accounts, double skew, ulong seed)
{
    private const int AmountMax = 1_000;

    private readonly ZipfSampler _ranks = new(accounts.Count, skew);
    private LoadRandom _random = new(seed);

    public TransferRequest Next(ulong sequence)
    {
        var from = _ranks.Next(ref _random);
        var to = _ranks.Next(ref _random);
        while (to == from)
        {
            to = _ranks.Next(ref _random);
        }

        return new TransferRequest(sequence, accounts.IndexOfRank(from), accounts.IndexOfRank(to), 1 + (int)_random.NextBelow(AmountMax));
    }
}
