using QuickPay.Accounts;
using QuickPay.Ledger;
using QuickPay.Telemetry;

namespace QuickPay.Caches;

/// <summary>How a read of a balance ended.</summary>
/// <param name="Balance">Null when the member has no such account, or when <paramref name="IsOverloaded"/>.</param>
/// <param name="IsOverloaded">Too many were reading the database.</param>
public sealed record BalanceRead(AccountBalance? Balance, bool IsOverloaded = false);

/// <summary>
/// Balances, from Redis where that is enough and else from the primary.
/// <code>
///   the client has seen …                                 an entry is shown if
///   nothing (no token)                                     it is there (see StaleBalances for how old it can be)
///   this account at version n                              its version is n or more
///   another account, or a newer timeline than we know of   never: the primary is read
/// </code>
/// Entries are written after each commit by whoever committed, and after a miss by whoever read; the newer one wins. Nothing is lost when they
/// are. See docs/adr/0014.
/// </summary>
public sealed class Balances : IDisposable
{
    private const string Kind = "balance";
    private static readonly TimeSpan LoadWait = TimeSpan.FromSeconds(1);

    private readonly AccountReader _accounts;
    private readonly CacheEpoch _epoch;
    private readonly CacheReads _reads;
    private readonly CacheWriter _writer;
    private readonly CacheOptions _options;
    private readonly TimeProvider _time;
    private readonly SingleFlight<(Guid Account, Guid Owner), BalanceRead> _loads = new();
    private readonly SemaphoreSlim _loadSlots;

    internal Balances(
        AccountReader accounts,
        CacheEpoch epoch,
        CacheReads reads,
        CacheWriter writer,
        CacheOptions options,
        TimeProvider time
    )
    {
        (_accounts, _epoch, _reads, _writer, _options, _time) = (accounts, epoch, reads, writer, options, time);
        _loadSlots = new SemaphoreSlim(options.LoadsMax);
    }

    /// <param name="accountId">Which one.</param>
    /// <param name="ownerId">Another member's account reads like one that does not exist.</param>
    /// <param name="seen">What the client has seen, which no answer falls behind.</param>
    /// <param name="cancellationToken">Gives up waiting; others go on.</param>
    public async ValueTask<BalanceRead> ReadAsync(Guid accountId, Guid ownerId, ConsistencyToken? seen, CancellationToken cancellationToken)
    {
        if (_options.Enabled && _epoch.Current is { } names && MayBeCached(accountId, seen, names.Timeline))
        {
            var reply = await _reads.GetAsync(names.Balance(accountId));
            if (reply.WasAsked)
            {
                var cached = BalanceEntry.Read(((ReadOnlyMemory<byte>)reply.Value).Span, accountId, ownerId, names.Timeline);
                if (cached is not null && (seen is null || cached.Version >= seen.Value.Version))
                {
                    CacheMetrics.Read(Kind, "hit");
                    return new BalanceRead(cached);
                }
                CacheMetrics.Read(Kind, cached is null ? "miss" : "behind");
                return await LoadAsync(accountId, ownerId, seen, cancellationToken);
            }
        }
        CacheMetrics.Read(Kind, "bypass");
        return await LoadAsync(accountId, ownerId, seen, cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => _loadSlots.Dispose();

    private static bool MayBeCached(Guid accountId, ConsistencyToken? seen, uint timeline) =>
        seen is not { } token || (token.Account == accountId && token.Timeline <= timeline);

    private async Task<BalanceRead> LoadAsync(Guid accountId, Guid ownerId, ConsistencyToken? seen, CancellationToken cancellationToken)
    {
        var (loading, isOwn) = _loads.Join((accountId, ownerId), LoadAsync);
        var read = await loading.WaitAsync(cancellationToken);
        if (isOwn || read.IsOverloaded || IsEnough(read, accountId, seen))
        {
            return read;
        }
        // It was begun by another, perhaps before the commit that this client has seen. What is begun from here on is not.
        return await _loads.Join((accountId, ownerId), LoadAsync).Result.WaitAsync(cancellationToken);
    }

    private static bool IsEnough(BalanceRead read, Guid accountId, ConsistencyToken? seen) =>
        read.Balance is { } balance
        && (
            seen is not { } token || (token.Account == accountId && token.Timeline <= balance.Timeline && token.Version <= balance.Version)
        );

    private async Task<BalanceRead> LoadAsync((Guid Account, Guid Owner) wanted)
    {
        if (!await _loadSlots.WaitAsync(LoadWait))
        {
            CacheMetrics.TurnedAway(Kind);
            return new BalanceRead(null, IsOverloaded: true);
        }
        try
        {
            var began = _time.GetTimestamp();
            CacheMetrics.Loaded(Kind);
            // Whoever asked may go away; the others still wait for the answer.
            var balance = await _accounts.BalanceAsync(wanted.Account, wanted.Owner, CancellationToken.None);
            // A standby's is nobody's to keep: no commit here would renew it.
            if (balance is { IsFromStandby: false })
            {
                _epoch.Saw(balance.Timeline);
                if (_options.Enabled && _epoch.Current is { } names && names.Timeline == balance.Timeline)
                {
                    var entry = BalanceEntry.Write(balance, wanted.Owner);
                    _writer.Add(names.Balance(wanted.Account), entry, _options.BalanceSeconds, began);
                }
            }
            return new BalanceRead(balance);
        }
        finally
        {
            _loadSlots.Release();
        }
    }
}
