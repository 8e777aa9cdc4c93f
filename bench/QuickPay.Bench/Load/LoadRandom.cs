namespace QuickPay.Bench.Load;

/// <summary>
/// A small seeded generator (SplitMix64, Steele et al. 2014): one multiplication chain a draw, no allocation, and the same
/// numbers for the same seed on every machine, so that a run can be repeated from the seed it printed.
/// </summary>
internal struct LoadRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in [0, 1), with the full 53 bits of a double.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, <paramref name="bound"/>) by multiply-shift; the bias is below 2^-40 for any bound used here.</summary>
    public long NextBelow(long bound) => (long)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>The finalizer alone: a well-mixed 64-bit value of a counter, used to make keys that can be made again.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
