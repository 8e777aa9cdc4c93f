using QuickPay.Memory;
using QuickPay.Telemetry;

namespace QuickPay.Caches;

/// <summary>
/// First pages of histories in Redis. No page is ever taken away for being old: it is shown while its version is the account's, and the
/// account's comes from <see cref="Balances"/>. So whatever holds for a balance holds for the page beside it, also for a copy in this server's
/// memory: pages are long, and one that was shown lately need not come over the line again.
/// </summary>
public sealed class FirstPages
{
    private const string Kind = "page";
    private const int RememberedSizeMax = 16 * 1024;
    private readonly CacheEpoch _epoch;
    private readonly CacheReads _reads;
    private readonly CacheWriter _writer;
    private readonly CacheOptions _options;
    private readonly TimeProvider _time;
    private readonly SingleFlight<Guid, FirstPage?> _loads = new();
    private readonly GenerationalCache<Guid, FirstPage> _shown;

    internal FirstPages(CacheEpoch epoch, CacheReads reads, CacheWriter writer, CacheOptions options, TimeProvider time) =>
        (_epoch, _reads, _writer, _options, _time, _shown) = (
            epoch,
            reads,
            writer,
            options,
            time,
            new GenerationalCache<Guid, FirstPage>(options.PagesRememberedMax)
        );

    /// <param name="accountId">Whose page. That it is the caller's, the caller has made sure of.</param>
    /// <param name="version">The account's: an older page is not shown.</param>
    /// <param name="timeline">Of the primary that said so: a version of another one means nothing beside it.</param>
    /// <param name="load">Reads a page of that version or a newer one; null when too many are being read.</param>
    /// <param name="cancellationToken">Gives up waiting; others go on.</param>
    /// <returns>Null when too many pages were being read.</returns>
    public async ValueTask<FirstPage?> ReadAsync(
        Guid accountId,
        long version,
        uint timeline,
        Func<Task<FirstPage?>> load,
        CancellationToken cancellationToken
    )
    {
        if (_options.Enabled)
        {
            if (_shown.TryGet(accountId, out var shown) && IsEnough(shown, version, timeline))
            {
                CacheMetrics.Read(Kind, "hit");
                return shown;
            }
            var (found, result) = await FindAsync(accountId);
            if (found is not null && IsEnough(found, version, timeline))
            {
                CacheMetrics.Read(Kind, "hit");
                Remember(accountId, found);
                return found;
            }
            CacheMetrics.Read(Kind, result);
        }
        else
        {
            CacheMetrics.Read(Kind, "bypass");
        }
        var (loading, isOwn) = _loads.Join(accountId, _ => LoadAsync(accountId, load));
        var page = await loading.WaitAsync(cancellationToken);
        // Another's may be of before the transfer that this client has seen, and held to less than this one is.
        return page is null || isOwn || IsEnough(page, version, timeline)
            ? page
            : await LoadAsync(accountId, load).WaitAsync(cancellationToken);
    }

    /// <summary>Long memos make long pages; memory is bounded by number.</summary>
    private void Remember(Guid accountId, FirstPage page)
    {
        if (page.Body.Length <= RememberedSizeMax)
        {
            _shown.Set(accountId, page);
        }
    }

    private static bool IsEnough(FirstPage page, long version, uint timeline) => page.Timeline == timeline && page.Version >= version;

    /// <summary>What is there, of whatever version, and how to call it when that is not enough.</summary>
    private async ValueTask<(FirstPage? Page, string Result)> FindAsync(Guid accountId)
    {
        if (_epoch.Current is not { } names)
        {
            return (null, "bypass");
        }
        var reply = await _reads.GetAsync(names.Page(accountId));
        var page = reply.WasAsked ? PageEntry.Read((ReadOnlyMemory<byte>)reply.Value, names.Timeline) : null;
        return (
            page,
            !reply.WasAsked ? "bypass"
            : page is null ? "miss"
            : "behind"
        );
    }

    private async Task<FirstPage?> LoadAsync(Guid accountId, Func<Task<FirstPage?>> load)
    {
        CacheMetrics.Loaded(Kind);
        var page = await load();
        if (page is null)
        {
            CacheMetrics.TurnedAway(Kind);
        }
        else if (_options.Enabled && _epoch.Current is { } names && names.Timeline == page.Timeline)
        {
            Remember(accountId, page);
            // However long it took: it is shown by its version.
            _writer.Add(names.Page(accountId), PageEntry.Write(page), _options.PageSeconds, _time.GetTimestamp());
        }
        return page;
    }
}
