namespace QuickPay.Worker;

/// <summary>The worker's log messages.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(2001, LogLevel.Error, "{Job} failed and will run again")]
    public static partial void JobFailed(ILogger logger, string job, Exception exception);

    [LoggerMessage(2002, LogLevel.Information, "Returned {Expired} of {Due} holds whose time ran out")]
    public static partial void HoldsExpired(ILogger logger, int expired, int due);

    [LoggerMessage(2003, LogLevel.Information, "Made {Made} months for transfers")]
    public static partial void MonthsMade(ILogger logger, int made);

    [LoggerMessage(2004, LogLevel.Critical, "Only {Ahead} months for transfers are ready")]
    public static partial void MonthsRunShort(ILogger logger, int ahead);

    [LoggerMessage(2005, LogLevel.Information, "The books balance over {Accounts} accounts")]
    public static partial void BooksBalance(ILogger logger, long accounts);

    [LoggerMessage(2006, LogLevel.Critical, "The books do not balance: {Count} discrepancies: {First}")]
    public static partial void BooksDoNotBalance(ILogger logger, int count, string first);

    [LoggerMessage(2007, LogLevel.Information, "Forgot {Deleted} idempotency keys past their retention")]
    public static partial void KeysExpired(ILogger logger, long deleted);

    [LoggerMessage(2008, LogLevel.Information, "This worker leads")]
    public static partial void Leads(ILogger logger);

    [LoggerMessage(2009, LogLevel.Information, "This worker leads no more")]
    public static partial void StandsBy(ILogger logger);

    [LoggerMessage(2010, LogLevel.Warning, "The primary does not say who leads: {Reason}")]
    public static partial void CannotStand(ILogger logger, string reason);

    [LoggerMessage(2011, LogLevel.Information, "Exchange rates of {AsOf} from {Source}: {Count} currencies")]
    public static partial void RatesKept(ILogger logger, string source, DateOnly asOf, int count);

    [LoggerMessage(2013, LogLevel.Information, "Took {Dropped} balances out of the cache that were older than what is committed")]
    public static partial void StaleDropped(ILogger logger, int dropped);

    [LoggerMessage(2014, LogLevel.Warning, "The cache could not be looked at: {Reason}")]
    public static partial void CacheNotLookedAt(ILogger logger, string reason);

    [LoggerMessage(2015, LogLevel.Information, "Summed up {Hours} hours and {Days} days for statistics")]
    public static partial void HoursClosed(ILogger logger, int hours, int days);

    [LoggerMessage(2012, LogLevel.Warning, "No new exchange rates from {Source}, the last good ones stay: {Reason}")]
    public static partial void RatesRefused(ILogger logger, string source, string reason);
}
