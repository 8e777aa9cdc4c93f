namespace QuickPay.Rates;

/// <summary>
/// The rates that members are shown. A server keeps a copy of them for a minute, and however many ask while it has none, one statement asks
/// the database.
/// </summary>
public sealed class ExchangeRates
{
    /// <summary>How old a copy may be.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(60);

    private readonly Func<Task<PublishedRates?>> _read;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private PublishedRates? _copy;
    private long _copiedAt;
    private Task<PublishedRates?>? _reading;

    // Whoever asks may go away; the others still wait for the answer.
    public ExchangeRates(RateStore store, TimeProvider time)
        : this(() => store.ReadAsync(CancellationToken.None), time) { }

    internal ExchangeRates(Func<Task<PublishedRates?>> read, TimeProvider time) => (_read, _time) = (read, time);

    /// <returns>Null when no source has said anything good yet.</returns>
    public Task<PublishedRates?> ReadAsync(CancellationToken cancellationToken)
    {
        Task<PublishedRates?> reading;
        lock (_gate)
        {
            if (_copy is not null && _time.GetElapsedTime(_copiedAt) < KeptFor)
            {
                return Task.FromResult<PublishedRates?>(_copy);
            }
            reading = _reading ??= CopyAsync();
        }
        return reading.WaitAsync(cancellationToken);
    }

    private async Task<PublishedRates?> CopyAsync()
    {
        // Out of the lock first: what is read at once would otherwise be over before it is noted as under way.
        await Task.Yield();
        try
        {
            var (rates, now) = (await _read(), _time.GetTimestamp());
            lock (_gate)
            {
                (_copy, _copiedAt) = (rates, now);
            }
            return rates;
        }
        finally
        {
            lock (_gate)
            {
                _reading = null;
            }
        }
    }
}
