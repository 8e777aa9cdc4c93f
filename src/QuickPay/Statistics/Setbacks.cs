namespace QuickPay.Statistics;

/// <summary>
/// What failed is left alone for a while: 2 minutes, then 4, 8 and so on up to an hour. In memory, for one who asks at a time; another worker
/// that comes to lead tries at once.
/// </summary>
internal sealed class Setbacks(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly Dictionary<object, (TimeSpan Wait, long Since)> _setbacks = [];

    /// <summary>So many failures end a turn: when everything fails, not everything is tried.</summary>
    public const int FailuresMax = 3;

    public bool Has(object what) => _setbacks.ContainsKey(what);

    /// <summary>Does something for each that may be tried.</summary>
    /// <param name="these">In this order.</param>
    /// <param name="act">For one.</param>
    /// <param name="failures">Those of the turn so far; what fails now comes to them.</param>
    /// <param name="cancellationToken">Ends it, and is no failure.</param>
    /// <returns>For how many it was done.</returns>
    public async Task<int> TryEachAsync<T>(
        IEnumerable<T> these,
        Func<T, Task> act,
        List<Exception> failures,
        CancellationToken cancellationToken
    )
        where T : notnull
    {
        var done = 0;
        foreach (var one in these.Where(one => failures.Count < FailuresMax && MayTry(one)))
        {
            try
            {
                await act(one);
                _setbacks.Remove(one);
                done++;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                Failed(one);
                failures.Add(e);
            }
        }
        return done;
    }

    private bool MayTry(object what) => !_setbacks.TryGetValue(what, out var last) || time.GetElapsedTime(last.Since) >= last.Wait;

    private void Failed(object what)
    {
        var wait = _setbacks.TryGetValue(what, out var last) ? last.Wait * 2 : Shortest;
        _setbacks[what] = (wait < Longest ? wait : Longest, time.GetTimestamp());
    }
}
