namespace QuickPay.Bench.Load;

/// <summary>
/// Ranks 1…N with probability proportional to 1 / rank^exponent, by rejection-inversion (Hörmann and Derflinger 1996): constant
/// time and no tables, so that ten million accounts cost the load generator no more than ten. Exponent 0 is uniform.
/// </summary>
internal sealed class ZipfSampler
{
    private readonly long _count;
    private readonly double _exponent;
    private readonly double _areaAtFirst;
    private readonly double _areaAtLast;
    private readonly double _squeeze;

    public ZipfSampler(long count, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        _count = count;
        _exponent = exponent;
        _areaAtFirst = Area(1.5) - 1;
        _areaAtLast = Area(count + 0.5);
        _squeeze = 2 - InverseArea(Area(2.5) - Height(2));
    }

    /// <summary>A rank from 1 to the count.</summary>
    public long Next(ref LoadRandom random)
    {
        if (_exponent == 0)
        {
            return 1 + random.NextBelow(_count);
        }

        while (true)
        {
            // A uniform point under the hat curve; its abscissa, rounded, is the candidate.
            var area = _areaAtLast + random.NextUnit() * (_areaAtFirst - _areaAtLast);
            var x = InverseArea(area);
            var rank = Math.Clamp((long)(x + 0.5), 1, _count);
            // The first test accepts nearly always and spares the second, which is exact.
            if (rank - x <= _squeeze || area >= Area(rank + 0.5) - Height(rank))
            {
                return rank;
            }
        }
    }

    private double Height(double x) => Math.Exp(-_exponent * Math.Log(x));

    /// <summary>The integral of the height from 1 to x: (x^(1-s) - 1) / (1-s), continued to log x at s = 1.</summary>
    private double Area(double x)
    {
        var log = Math.Log(x);
        return ExpMinusOneOver((1 - _exponent) * log) * log;
    }

    private double InverseArea(double area)
    {
        var t = Math.Max(area * (1 - _exponent), -1);
        return Math.Exp(LogOnePlusOver(t) * area);
    }

    /// <summary>(e^x - 1) / x; near zero by its series, where the plain form loses all digits.</summary>
    private static double ExpMinusOneOver(double x) => Math.Abs(x) > 1e-5 ? (Math.Exp(x) - 1) / x : 1 + x / 2 * (1 + x / 3 * (1 + x / 4));

    /// <summary>log(1 + x) / x, likewise.</summary>
    private static double LogOnePlusOver(double x) => Math.Abs(x) > 1e-5 ? Math.Log(1 + x) / x : 1 - x * (0.5 - x * (1.0 / 3 - x / 4));
}
