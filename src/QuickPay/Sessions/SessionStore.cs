using Microsoft.Extensions.Options;
using QuickPay.Redis;
using StackExchange.Redis;

namespace QuickPay.Sessions;

/// <summary>A session that was opened or refreshed. The refresh token is shown once and never stored in the clear.</summary>
public sealed class GrantedSession(Caller caller, string refreshToken)
{
    /// <summary>Whose session it is.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>The only copy.</summary>
    public string RefreshToken { get; } = refreshToken;
}

/// <summary>One of a member's sessions, as the member sees it.</summary>
public sealed record DeviceSession(Guid Id, string? Device, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt);

/// <summary>What became of a refresh token.</summary>
public enum Rotation
{
    /// <summary>No such session: revoked, logged out, or unused for <see cref="SessionOptions.RefreshSeconds"/>.</summary>
    Gone = 0,

    /// <summary>Not a token this server ever made for that session. Nothing happened.</summary>
    Unknown = 1,

    /// <summary>A spent token came back: somebody has a copy. The session is dead now.</summary>
    Replayed = 2,

    /// <summary>Spent; a new one was made.</summary>
    Rotated = 3,
}

/// <summary>
/// Opens, refreshes, lists and ends sessions in Redis. Every method throws what <see cref="RedisConnection.IsUnavailable"/> recognises
/// when Redis cannot take it: an order to end a session is never lost silently. What opens, refreshes or ends a session outlives the
/// primary of Redis once it was answered (<see cref="RedisConnection.ChangeAsync"/>).
/// </summary>
public sealed class SessionStore
{
    private readonly RedisConnection _redis;
    private readonly SessionOptions _options;
    private readonly SeenSessions _seen;
    private readonly TimeProvider _time;

    internal SessionStore(RedisConnection redis, IOptions<SessionOptions> options, SeenSessions seen, TimeProvider time)
    {
        _redis = redis;
        _options = options.Value;
        _seen = seen;
        _time = time;
    }

    private RedisValue IdleMs => _options.IdleSeconds * 1_000L;

    private RedisValue RefreshMs => _options.RefreshSeconds * 1_000L;

    /// <summary>How long a PIN that was verified is remembered.</summary>
    internal long PinRememberedMs => _options.PinRememberedSeconds * 1_000L;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Begins a session; the member's oldest ends when there are too many.</summary>
    public async Task<GrantedSession> OpenAsync(Guid memberId, string? device)
    {
        var token = RefreshToken.Begin(memberId, Guid.CreateVersion7(_time.GetUtcNow()));
        await _redis.ChangeAsync(
            SessionScripts.Open,
            KeysOf(memberId, token.SessionId),
            [
                token.SessionId.ToString(),
                SessionValue.Of(memberId),
                token.FamilyDigest,
                token.Digest,
                device ?? "",
                NowMs,
                IdleMs,
                RefreshMs,
                _options.DevicesMax,
            ]
        );
        return new GrantedSession(new Caller(memberId, token.SessionId), token.Reveal());
    }

    /// <summary>Spends a refresh token. Of two that come at once exactly one wins; the other is a replay and ends the session.</summary>
    public async Task<(Rotation Outcome, GrantedSession? Session)> RotateAsync(string? refreshToken)
    {
        if (!RefreshToken.TryParse(refreshToken, out var old))
        {
            return (Rotation.Unknown, null);
        }

        var next = old.Next();
        var outcome = (Rotation)
            (int)
                await _redis.ChangeAsync(
                    SessionScripts.Rotate,
                    KeysOf(old.MemberId, old.SessionId),
                    [
                        old.SessionId.ToString(),
                        SessionValue.Of(old.MemberId),
                        old.FamilyDigest,
                        old.Digest,
                        next.Digest,
                        NowMs,
                        IdleMs,
                        RefreshMs,
                    ]
                );
        if (outcome == Rotation.Replayed)
        {
            _seen.Forget(old.SessionId);
        }

        return outcome == Rotation.Rotated
            ? (outcome, new GrantedSession(new Caller(old.MemberId, old.SessionId), next.Reveal()))
            : (outcome, null);
    }

    /// <summary>The member's sessions that can still be used or refreshed, the newest first.</summary>
    public async Task<IReadOnlyList<DeviceSession>> ListAsync(Guid memberId)
    {
        var found = (RedisValue[]?)await _redis.Database.ScriptEvaluateAsync(SessionScripts.List, [SessionKeys.Member(memberId)]) ?? [];
        var sessions = new List<DeviceSession>(found.Length / 4);
        foreach (var session in found.Chunk(4))
        {
            var device = (string?)session[1];
            sessions.Add(
                new DeviceSession(
                    Guid.Parse((string)session[0]!),
                    string.IsNullOrEmpty(device) ? null : device,
                    DateTimeOffset.FromUnixTimeMilliseconds((long)session[2]),
                    DateTimeOffset.FromUnixTimeMilliseconds((long)session[3])
                )
            );
        }

        return sessions;
    }

    /// <summary>Ends a session at once, everywhere. False when it is not this member's or has ended before.</summary>
    public async Task<bool> RevokeAsync(Guid memberId, Guid sessionId)
    {
        var revoked = (int)await _redis.ChangeAsync(SessionScripts.Revoke, KeysOf(memberId, sessionId), [sessionId.ToString()]);
        if (revoked == 1)
        {
            _seen.Forget(sessionId);
        }

        return revoked == 1;
    }

    /// <summary>Lets the session remember a PIN that was verified, as a keyed digest, for <see cref="SessionOptions.PinRememberedSeconds"/>.</summary>
    internal async Task RememberPinAsync(Guid sessionId, byte[] digest)
    {
        var expiresAtMs = NowMs + PinRememberedMs;
        var pinPart = SessionValue.PinPart(expiresAtMs, digest);
        await _redis.Database.ScriptEvaluateAsync(SessionScripts.RememberPin, [SessionKeys.Session(sessionId)], [pinPart]);
        _seen.Of(sessionId).RememberPin(expiresAtMs, digest);
    }

    /// <summary>Makes all of the member's sessions forget their PIN: somebody typed a wrong one.</summary>
    internal Task ForgetPinsAsync(Guid memberId) =>
        _redis.Database.ScriptEvaluateAsync(SessionScripts.ForgetPins, [SessionKeys.Member(memberId)]);

    private static RedisKey[] KeysOf(Guid member, Guid session) =>
        [SessionKeys.Session(session), SessionKeys.Refresh(session), SessionKeys.Member(member)];
}
