using System.Security.Cryptography;
using StackExchange.Redis;

namespace QuickPay.Sessions;

/// <summary>
/// What this server remembers of one session: when Redis last said that it lives (for the grace while Redis is away), when its life
/// was last prolonged, and the digest of the PIN it verified.
/// </summary>
internal sealed class SeenSession(Guid session)
{
    private readonly Lock _pinLock = new();
    private long _confirmedAt;
    private byte[]? _pinDigest;
    private long _pinExpiresAtMs;
    private long _pinDistrustedUpToMs;

    /// <summary>Made once: the hot path builds no key.</summary>
    public RedisKey Key { get; } = SessionKeys.Session(session);

    public Guid SessionId { get; } = session;

    /// <summary>Timestamp of the last prolongation; read and written by the checker's one loop only. 0 = never.</summary>
    public long RenewedAt { get; set; }

    public void Confirm(long timestamp) => Volatile.Write(ref _confirmedAt, timestamp);

    public void Forget()
    {
        Volatile.Write(ref _confirmedAt, 0);
        RememberPin(0, default);
    }

    public bool WasConfirmedWithin(TimeSpan grace, TimeProvider time)
    {
        var confirmedAt = Volatile.Read(ref _confirmedAt);
        return confirmedAt != 0 && time.GetElapsedTime(confirmedAt) <= grace;
    }

    /// <summary>Takes over what Redis says; an expiry of 0 forgets.</summary>
    public void RememberPin(long expiresAtMs, ReadOnlySpan<byte> digest)
    {
        lock (_pinLock)
        {
            if (expiresAtMs == _pinExpiresAtMs)
            {
                return;
            }

            _pinExpiresAtMs = expiresAtMs;
            _pinDigest = expiresAtMs == 0 ? null : digest.ToArray();
        }
    }

    /// <summary>
    /// Compares in constant time. One wrong guess spends the memory: this server never compares with it again, so that parallel
    /// guesses cannot be tried against it uncounted while the order to forget it is on its way to Redis.
    /// </summary>
    /// <param name="digest">Of the PIN that was typed.</param>
    /// <param name="nowMs">By this server's clock.</param>
    /// <param name="rememberedMs">The longest that a PIN is remembered: one for longer was remembered by a server whose clock is wrong.</param>
    public bool PinMatches(ReadOnlySpan<byte> digest, long nowMs, long rememberedMs)
    {
        lock (_pinLock)
        {
            if (
                _pinDigest is null
                || _pinExpiresAtMs <= nowMs
                || _pinExpiresAtMs > nowMs + rememberedMs + AccessTokens.ClockSkew.TotalMilliseconds
                || _pinExpiresAtMs <= _pinDistrustedUpToMs
            )
            {
                return false;
            }

            if (CryptographicOperations.FixedTimeEquals(_pinDigest, digest))
            {
                return true;
            }

            _pinDistrustedUpToMs = _pinExpiresAtMs;
            return false;
        }
    }
}
