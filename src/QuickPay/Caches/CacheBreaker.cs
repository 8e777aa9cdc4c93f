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
    /// <param name="isTrial">This is the one read that tries whether it is well again.</param>
    public bool MayAsk(out bool isTrial)
    {
        isTrial =
            _open
            && time.GetElapsedTime(Volatile.Read(ref _openedAt)) >= TimeSpan.FromMilliseconds(options.RetryMs)
            && Interlocked.Exchange(ref _trying, 1) == 0;
        return isTrial || !_open;
    }

    /// <param name="after">How long it took.</param>
    /// <param name="wasTrial">Only the answer to the trial says that all is well again: others were on their way before.</param>
    public void Answered(TimeSpan after, bool wasTrial)
    {
        if (after > TimeSpan.FromMilliseconds(options.SlowMs))
        {
            Open(null);
        }
        else if (wasTrial)
        {
            _open = false;
            Volatile.Write(ref _trying, 0);
            LogMessages.CacheBack(logger);
        }
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
