using Microsoft.Extensions.Logging;
using QuickPay.Redis;
using QuickPay.Sessions;

namespace QuickPay.Hosting;

/// <summary>
/// Whether this host's clock is the one that is wrong. Money goes by the database's clock alone; but a host whose own clock has jumped takes
/// good tokens for expired ones, and makes tokens that nobody else believes. So it takes no requests until its clock is right again.
/// <code>
///   ours ≈ PostgreSQL's                     fine, and nobody else is asked
///   ours ≠ PostgreSQL's, Redis's ≈ ours     PostgreSQL's clock is wrong: fine
///   ours ≠ PostgreSQL's, Redis's ≈ neither  nobody can tell: fine
///   ours ≠ PostgreSQL's ≈ Redis's           it is ours
/// </code>
/// One clock alone takes no host out: if the database's jumped, all hosts would go at once. While Redis cannot be asked, what was found before
/// holds.
/// </summary>
/// <param name="time">Our clock.</param>
/// <param name="logger">Hears when it is wrong, and when it is right again.</param>
/// <param name="redis">The third clock; a host without it relies on its own.</param>
internal sealed partial class HostClock(TimeProvider time, ILogger<HostClock> logger, RedisConnection? redis = null)
{
    // Two hosts that are both right may be apart by twice this, and must still believe each other's tokens.
    private static readonly TimeSpan ApartMax = AccessTokens.ClockSkew / 2;
    private int _isWrong;

    /// <summary>Compares the clocks.</summary>
    /// <param name="database">What PostgreSQL has just said.</param>
    public async Task<bool> IsRightAsync(DateTimeOffset database)
    {
        if (!IsOff(database))
        {
            Conclude(false, database);
        }
        else if (redis is not null && await redis.TryReadClockAsync() is { } third)
        {
            Conclude(IsOddOneOut(time.GetUtcNow(), database, third), database);
        }
        return Volatile.Read(ref _isWrong) == 0;
    }

    /// <summary>The other two agree, and not with ours.</summary>
    internal static bool IsOddOneOut(DateTimeOffset ours, DateTimeOffset second, DateTimeOffset third) =>
        Apart(ours, second) > ApartMax && Apart(ours, third) > ApartMax && Apart(second, third) <= ApartMax;

    private void Conclude(bool isWrong, DateTimeOffset database)
    {
        var was = Interlocked.Exchange(ref _isWrong, isWrong ? 1 : 0) == 1;
        if (isWrong && !was)
        {
            IsWrong(logger, (time.GetUtcNow() - database).TotalSeconds);
        }
        else if (was && !isWrong)
        {
            IsRightAgain(logger);
        }
    }

    private bool IsOff(DateTimeOffset database) => Apart(time.GetUtcNow(), database) > ApartMax;

    private static TimeSpan Apart(DateTimeOffset one, DateTimeOffset other) => (one - other).Duration();

    [LoggerMessage(
        3020,
        LogLevel.Critical,
        "The clock of this host is {Seconds:0.0} s from PostgreSQL's and Redis's: it takes no requests until its time synchronisation is mended"
    )]
    private static partial void IsWrong(ILogger logger, double seconds);

    [LoggerMessage(3021, LogLevel.Information, "The clock of this host is right again")]
    private static partial void IsRightAgain(ILogger logger);
}
