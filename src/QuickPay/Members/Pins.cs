using Microsoft.Extensions.Logging;
using QuickPay.Redis;
using QuickPay.Sessions;
using QuickPay.Telemetry;

namespace QuickPay.Members;

/// <summary>What the check of a PIN came to.</summary>
public enum PinOutcome
{
    /// <summary>Right, or neither given nor needed.</summary>
    Ok,

    /// <summary>Needed and not given.</summary>
    Required,

    /// <summary>Wrong; it was counted.</summary>
    Invalid,

    /// <summary>Too many wrong ones: come back after <see cref="PinCheck.RetryAfter"/>.</summary>
    Locked,

    /// <summary>Too many slow checks at once on this server.</summary>
    Overloaded,
}

/// <summary>The outcome of a PIN check. <see cref="RetryAfter"/> is meaningful when it is Locked.</summary>
public readonly record struct PinCheck(PinOutcome Outcome, TimeSpan RetryAfter = default);

/// <summary>
/// A member's PIN, asked for when money moves. The slow hash runs once; then the session remembers a keyed digest for 5 minutes, so
/// that a member's next payments cost an HMAC. One wrong PIN makes all of the member's sessions forget it.
/// </summary>
public sealed class Pins
{
    /// <summary>Digits of a PIN.</summary>
    public const int Length = 6;

    private readonly Credentials _credentials;
    private readonly SlowHashPool _pool;
    private readonly PersonalDataKeys _keys;
    private readonly SessionStore _sessions;
    private readonly SeenSessions _seen;
    private readonly TimeProvider _time;
    private readonly ILogger<Pins> _logger;

    internal Pins(
        Credentials credentials,
        SlowHashPool pool,
        PersonalDataKeys keys,
        SessionStore sessions,
        SeenSessions seen,
        TimeProvider time,
        ILogger<Pins> logger
    )
    {
        _credentials = credentials;
        _pool = pool;
        _keys = keys;
        _sessions = sessions;
        _seen = seen;
        _time = time;
        _logger = logger;
    }

    /// <summary>Six ASCII digits?</summary>
    public static bool IsWellFormed(string? pin) => pin is { Length: Length } && !pin.AsSpan().ContainsAnyExceptInRange('0', '9');

    /// <summary>
    /// Checks the PIN whenever one is given, and insists on one when <paramref name="required"/>. Call it in a request that has passed
    /// the session check: what the session remembers came along with that.
    /// </summary>
    public ValueTask<PinCheck> CheckAsync(Caller caller, string? pin, bool required, CancellationToken cancellationToken)
    {
        if (pin is null)
        {
            return new ValueTask<PinCheck>(new PinCheck(required ? PinOutcome.Required : PinOutcome.Ok));
        }

        // What is no PIN at all is a wrong PIN, and counted like one.
        var wellFormed = IsWellFormed(pin) ? pin : "";
        Span<byte> digest = stackalloc byte[SessionValue.PinDigestBytes];
        _keys.PinDigest(caller.SessionId, wellFormed, digest);
        return _seen.Of(caller.SessionId).PinMatches(digest, _time.GetUtcNow().ToUnixTimeMilliseconds(), _sessions.PinRememberedMs)
            ? new ValueTask<PinCheck>(new PinCheck(PinOutcome.Ok))
            : CheckSlowlyAsync(caller, wellFormed, digest.ToArray(), cancellationToken);
    }

    private async ValueTask<PinCheck> CheckSlowlyAsync(Caller caller, string pin, byte[] digest, CancellationToken cancellationToken)
    {
        using var worker = await _pool.EnterAsync(cancellationToken);
        if (worker is null)
        {
            return new PinCheck(PinOutcome.Overloaded);
        }

        var (outcome, retryAfter) = await _credentials.TryAsync(caller.MemberId, CredentialKind.Pin, pin);
        switch (outcome)
        {
            case Attempt.Right:
                await TellSessionsAsync(() => _sessions.RememberPinAsync(caller.SessionId, digest));
                return new PinCheck(PinOutcome.Ok);
            case Attempt.Wrong:
                await TellSessionsAsync(() => _sessions.ForgetPinsAsync(caller.MemberId));
                return new PinCheck(PinOutcome.Invalid);
            default:
                return new PinCheck(PinOutcome.Locked, retryAfter);
        }
    }

    /// <summary>
    /// The count in PostgreSQL is what protects; the memory in Redis only saves work. So its loss must not fail a payment, and a memory
    /// that could not be told to forget is harmless: each server compares with it once at most after a wrong PIN.
    /// </summary>
    private async Task TellSessionsAsync(Func<Task> tell)
    {
        try
        {
            await tell();
        }
        catch (Exception e) when (RedisConnection.IsUnavailable(e))
        {
            LogMessages.SessionNotTold(_logger, e.Message);
        }
    }
}
