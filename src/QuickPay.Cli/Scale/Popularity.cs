namespace QuickPay.Cli.Scale;

/// <summary>Draws from weights in constant time (alias method, Walker 1977): which ledger, which account.</summary>
internal sealed class Popularity
{
    private readonly double[] _keep;
    private readonly int[] _other;

    public Popularity(IReadOnlyList<double> weights)
    {
        var sum = weights.Sum();
        _keep = [.. weights.Select(weight => weight / sum * weights.Count)];
        _other = [.. Enumerable.Range(0, weights.Count)];
        var small = new Stack<int>(_other.Where(n => _keep[n] < 1));
        var large = new Stack<int>(_other.Where(n => _keep[n] >= 1));
        // Each place holds its own share and is filled up with that of one that has too much.
        while (small.Count > 0 && large.Count > 0)
        {
            var (less, more) = (small.Pop(), large.Pop());
            _other[less] = more;
            _keep[more] -= 1 - _keep[less];
            (_keep[more] < 1 ? small : large).Push(more);
        }
    }

    public int Next(Random random)
    {
        var at = random.NextDouble() * _keep.Length;
        var place = (int)at;
        return at - place < _keep[place] ? place : _other[place];
    }

    /// <summary>Of each rank from 1; exponent 0 is evenly.</summary>
    public static double ZipfWeight(long rank, double exponent) => exponent == 0 ? 1 : Math.Pow(rank, -exponent);
}
