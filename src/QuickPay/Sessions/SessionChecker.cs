using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using QuickPay.Redis;
using QuickPay.Telemetry;
using StackExchange.Redis;

namespace QuickPay.Sessions;

/// <summary>Does a session live?</summary>
public enum SessionState
{
    /// <summary>Redis says so (or said so within the grace, while it is away).</summary>
    Active,

    /// <summary>It was ended, or idle for too long.</summary>
    Revoked,

    /// <summary>Redis is away and this server does not remember the session well enough: try again.</summary>
    Unavailable,
}

/// <summary>
/// Asks Redis on every call whether the session lives, many calls in one MGET (<see cref="Batches{T}"/>); once a minute a session, one script
/// prolongs their lives. While Redis is away nobody waits for it: the answer comes from memory and one PING at a time asks whether it is back.
/// </summary>
public sealed class SessionChecker
{
    private readonly RedisConnection _redis;
    private readonly SessionOptions _options;
    private readonly SeenSessions _seen;
    private readonly TimeProvider _time;
    private readonly ILogger<SessionChecker> _logger;
    private readonly TimeSpan _grace;
    private readonly TimeSpan _renewEvery;

    private readonly Batches<SessionCheck> _checks;
    private volatile bool _away;
    private int _probing;

    internal SessionChecker(
        RedisConnection redis,
        IOptions<SessionOptions> options,
        SeenSessions seen,
        TimeProvider time,
        ILogger<SessionChecker> logger
    )
    {
        _redis = redis;
        _options = options.Value;
        _seen = seen;
        _time = time;
        _logger = logger;
        _grace = TimeSpan.FromSeconds(_options.GraceSeconds);
        _renewEvery = TimeSpan.FromSeconds(_options.RenewEverySeconds);
        _checks = new Batches<SessionCheck>(_options.CheckBatchMax, AnswerAsync);
    }

    /// <summary>Await the answer exactly once.</summary>
    public ValueTask<SessionState> CheckAsync(Caller caller)
    {
        var session = _seen.Of(caller.SessionId);
        if (_away)
        {
            Probe();
            return new ValueTask<SessionState>(FromMemory(session));
        }

        var check = SessionCheck.Take(session, caller.MemberId);
        var answer = check.Task;
        _checks.Add(check);
        return answer;
    }

    private async Task AnswerAsync(IReadOnlyList<SessionCheck> checks)
    {
        // Those that gathered while an answer did not come do not wait for another one.
        var values = _away ? null : await AskAsync(checks);
        var now = _time.GetTimestamp();
        List<SeenSession>? renewals = null;
        for (var i = 0; i < checks.Count; i++)
        {
            var check = checks[i];
            var session = check.Session;
            var state = values is null ? FromMemory(session) : Take(session, check.MemberId, values[i], now);
            if (values is not null && state == SessionState.Active && IsDue(session))
            {
                session.RenewedAt = now;
                (renewals ??= []).Add(session);
            }

            check.Answer(state);
        }

        if (renewals is not null)
        {
            _ = RenewAsync(renewals);
        }
    }

    /// <returns>Null when there is no answer.</returns>
    private async Task<RedisValue[]?> AskAsync(IReadOnlyList<SessionCheck> checks)
    {
        try
        {
            var keys = new RedisKey[checks.Count];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = checks[i].Session.Key;
            }

            return await _redis.Database.StringGetAsync(keys);
        }
        catch (Exception e)
        {
            // Whatever it was, those who wait must get an answer.
            GoAway(e);
            return null;
        }
    }

    private static SessionState Take(SeenSession session, Guid member, RedisValue value, long now)
    {
        var bytes = ((ReadOnlyMemory<byte>)value).Span;
        if (value.IsNull || !SessionValue.BelongsTo(bytes, member))
        {
            session.Forget();
            return SessionState.Revoked;
        }

        session.Confirm(now);
        var pinExpiresAtMs = SessionValue.PinExpiresAtMs(bytes);
        session.RememberPin(pinExpiresAtMs, pinExpiresAtMs == 0 ? default : SessionValue.PinDigest(bytes));
        return SessionState.Active;
    }

    private SessionState FromMemory(SeenSession session) =>
        session.WasConfirmedWithin(_grace, _time) ? SessionState.Active : SessionState.Unavailable;

    private bool IsDue(SeenSession session) => session.RenewedAt == 0 || _time.GetElapsedTime(session.RenewedAt) >= _renewEvery;

    private async Task RenewAsync(List<SeenSession> sessions)
    {
        try
        {
            var keys = new RedisKey[sessions.Count * 2];
            for (var i = 0; i < sessions.Count; i++)
            {
                keys[2 * i] = sessions[i].Key;
                keys[(2 * i) + 1] = SessionKeys.Refresh(sessions[i].SessionId);
            }

            await _redis.Database.ScriptEvaluateAsync(
                SessionScripts.Renew,
                keys,
                [_time.GetUtcNow().ToUnixTimeMilliseconds(), _options.IdleSeconds * 1_000L]
            );
        }
        catch (Exception e) when (RedisConnection.IsUnavailable(e))
        {
            // The next call of each session tries again; a minute of thirty is not worth more.
            sessions.ForEach(session => session.RenewedAt = 0);
        }
    }

    private void GoAway(Exception e)
    {
        if (!_away)
        {
            _away = true;
            LogMessages.RedisAway(_logger, _options.GraceSeconds, e);
        }
    }

    private void Probe()
    {
        if (Interlocked.Exchange(ref _probing, 1) == 0)
        {
            _ = ProbeAsync();
        }
    }

    private async Task ProbeAsync()
    {
        try
        {
            await _redis.Database.PingAsync();
            _away = false;
            LogMessages.RedisBack(_logger);
        }
        catch (Exception e) when (RedisConnection.IsUnavailable(e))
        {
            // Still away. The next call asks again.
        }
        finally
        {
            Volatile.Write(ref _probing, 0);
        }
    }
}
