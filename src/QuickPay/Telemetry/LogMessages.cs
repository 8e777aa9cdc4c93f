using Microsoft.Extensions.Logging;

namespace QuickPay.Telemetry;

/// <summary>The core's log messages. None carries personal data, tokens or amounts.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1001, LogLevel.Critical, "A posting lane failed in its own code; its requests were answered with an error")]
    public static partial void LaneFailed(ILogger logger, Exception exception);

    [LoggerMessage(1002, LogLevel.Error, "A posting failed on its own data")]
    public static partial void PostingFailed(ILogger logger, Exception exception);

    [LoggerMessage(1003, LogLevel.Warning, "No connection to the primary: {Reason}")]
    public static partial void NoConnection(ILogger logger, string reason);

    [LoggerMessage(1004, LogLevel.Warning, "A batch was interrupted before its commit and is run again: {Reason}")]
    public static partial void BatchInterrupted(ILogger logger, string reason);

    [LoggerMessage(1005, LogLevel.Warning, "The outcome of a commit is unknown and is looked up: {Reason}")]
    public static partial void CommitUnknown(ILogger logger, string reason);

    [LoggerMessage(1006, LogLevel.Warning, "A commit has taken over {Milliseconds} ms; it is left alone and its outcome is looked up")]
    public static partial void CommitAbandoned(ILogger logger, int milliseconds);

    [LoggerMessage(1007, LogLevel.Error, "Whoever hears of commits failed; the commit is answered as it is")]
    public static partial void ListenerFailed(ILogger logger, Exception exception);

    [LoggerMessage(1101, LogLevel.Warning, "Redis does not answer: sessions are honoured from memory for {GraceSeconds} s")]
    public static partial void RedisAway(ILogger logger, int graceSeconds, Exception exception);

    [LoggerMessage(1102, LogLevel.Information, "Redis answers again")]
    public static partial void RedisBack(ILogger logger);

    [LoggerMessage(1103, LogLevel.Warning, "A session could not be told about its PIN: {Reason}")]
    public static partial void SessionNotTold(ILogger logger, string reason);

    [LoggerMessage(1104, LogLevel.Information, "The primary of Redis is {Address} (promotion {Epoch})")]
    public static partial void RedisPrimaryIs(ILogger logger, string address, long epoch);

    [LoggerMessage(1106, LogLevel.Information, "Keys of access tokens were changed; believed: {KeyIds}")]
    public static partial void TokenKeysChanged(ILogger logger, string keyIds);

    [LoggerMessage(1107, LogLevel.Error, "Keys of access tokens cannot be read; those of before count, and it will be tried again")]
    public static partial void TokenKeysUnreadable(ILogger logger, Exception exception);

    [LoggerMessage(1105, LogLevel.Error, "Asking the sentinel at {Endpoint} failed and will be done again")]
    public static partial void SentinelNotAsked(ILogger logger, string endpoint, Exception exception);

    [LoggerMessage(
        1110,
        LogLevel.Warning,
        "The cache is slow or does not answer: it is left alone for {Milliseconds} ms at a time, and the database is read"
    )]
    public static partial void CacheLeftAlone(ILogger logger, int milliseconds, Exception? exception);

    [LoggerMessage(1111, LogLevel.Information, "The cache answers again")]
    public static partial void CacheBack(ILogger logger);

    [LoggerMessage(
        1112,
        LogLevel.Warning,
        "Redis uses over {Percent} % of its memory: nothing is added to the cache, the rest is for sessions"
    )]
    public static partial void CacheFull(ILogger logger, int percent);

    [LoggerMessage(1113, LogLevel.Error, "Looking after the cache failed and will be done again")]
    public static partial void CacheUpkeepFailed(ILogger logger, Exception exception);

    [LoggerMessage(1031, LogLevel.Error, "Looking for the primary failed and will be done again")]
    public static partial void PrimaryNotSought(ILogger logger, Exception exception);

    [LoggerMessage(1030, LogLevel.Information, "The primary of PostgreSQL is {Host}")]
    public static partial void PrimaryFound(ILogger logger, string host);

    [LoggerMessage(1032, LogLevel.Warning, "The replica {Host} for {Role} {Change}")]
    public static partial void ReplicaChanged(ILogger logger, string host, string role, string change);

    [LoggerMessage(1033, LogLevel.Warning, "A read of {Role} broke off at its replica and is done at the primary: {Reason}")]
    public static partial void ReplicaBrokeOff(ILogger logger, string role, string reason);

    [LoggerMessage(1035, LogLevel.Warning, "The database is {Change}")]
    public static partial void StandbyChanged(ILogger logger, string change);

    [LoggerMessage(1036, LogLevel.Warning, "The database does not say whether it is a standby: {Reason}")]
    public static partial void StandbyNotAsked(ILogger logger, string reason);

    [LoggerMessage(1034, LogLevel.Error, "Asking the replicas how far they are failed and will be done again")]
    public static partial void ReplicasNotAsked(ILogger logger, Exception exception);
}
