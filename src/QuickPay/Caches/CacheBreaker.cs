using Microsoft.Extensions.Logging;
using QuickPay.Telemetry;

namespace QuickPay.Caches;

/// <summary>
/// Leaves the cache alone while it does not help: after an error or a slow answer nobody asks it for a while, then one read tries it for all.
/// </summary>
internal sealed class CacheBreaker(CacheOptions options, TimeProvider time, ILogger<CacheBreaker> logger)
{
    private volatile bool _open;
    private long _openedAt;
    private int _trying;

    public bool IsOpen => _open;

    /// <summary>Whether the cache may be asked now. Who may must tell how it went.</summary>
    public bool MayAsk() =>
        !_open
        || (
            time.GetElapsedTime(Volatile.Read(ref _openedAt)) >= TimeSpan.FromMilliseconds(options.RetryMs)
            && Interlocked.Exchange(ref _trying, 1) == 0
        );

    public void Answered(TimeSpan after)
    {
        if (after > TimeSpan.FromMilliseconds(options.SlowMs))
        {
            Open(null);
            return;
        }
        if (_open)
        {
            _open = false;
            LogMessages.CacheBack(logger);
        }
        Volatile.Write(ref _trying, 0);
    }

    public void Failed(Exception e) => Open(e);

    private void Open(Exception? e)
    {
        Volatile.Write(ref _openedAt, time.GetTimestamp());
        if (!_open)
        {
            _open = true;
            CacheMetrics.Opened.Add(1);
            LogMessages.CacheLeftAlone(logger, options.RetryMs, e);
        }
        Volatile.Write(ref _trying, 0);
    }
}
