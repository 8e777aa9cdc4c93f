using Microsoft.Extensions.Options;
using QuickPay.Rates;

namespace QuickPay.Worker.Rates;

/// <summary>
/// Asks the source of exchange rates what it says, and keeps what is believed. Whatever else it says, or if it says nothing, the last good
/// rates stay, and in time they call themselves stale.
/// </summary>
internal sealed class LookForRates(
    IRateSource source,
    RateStore store,
    IOptions<RateOptions> options,
    Leadership leadership,
    TimeProvider time,
    ILogger<LookForRates> logger
) : Job(options.Value.Every, leadership, time, logger)
{
    protected override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var last = await store.LastOfAsync(source.Name, cancellationToken);
        DailyRates offered;
        try
        {
            offered = await source.FetchAsync(cancellationToken);
            RateChecks.Require(offered, last, DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime), options.Value.JumpMaxPercent);
        }
        catch (RatesRefusedException e)
        {
            WorkerLog.RatesRefused(Logger, source.Name, e.Message);
            return;
        }
        await store.KeepAsync(source.Name, offered, options.Value.FreshFor, cancellationToken);
        if (last is null || last.AsOf != offered.AsOf || !last.Rates.SequenceEqual(offered.Rates))
        {
            WorkerLog.RatesKept(Logger, source.Name, offered.AsOf, offered.Rates.Count);
        }
    }
}
