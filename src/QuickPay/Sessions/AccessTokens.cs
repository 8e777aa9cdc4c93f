using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using QuickPay.Memory;

namespace QuickPay.Sessions;

/// <summary>
/// ES256 access tokens (RFC 9068, <c>typ</c> at+jwt): <c>sub</c> is the member, <c>sid</c> the session. A token proves who calls;
/// whether the session still lives is asked of <see cref="SessionChecker"/> on every call.
/// </summary>
public sealed class AccessTokens
{
    /// <summary>Clocks of our own servers may differ by this much.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private const string Scheme = "Bearer ";
    private const string TokenType = "at+jwt";
    private const string SessionClaim = "sid";
    private const int SizeMaxBytes = 4096;

    private readonly TokenOptions _options;
    private readonly TimeProvider _time;
    private readonly SigningKeys _keys;
    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = SizeMaxBytes };
    private volatile Belief _belief;

    public AccessTokens(IOptions<TokenOptions> options, SigningKeys keys, TimeProvider time)
    {
        (_options, _keys, _time) = (options.Value, keys, time);
        _belief = NewBelief(keys.Current);
    }

    /// <summary>Seconds a new token lives.</summary>
    public int LifetimeSeconds => _options.LifetimeSeconds;

    /// <summary>Signs a token for the caller.</summary>
    /// <exception cref="InvalidOperationException">This host has no signing key: it only verifies.</exception>
    public string Issue(Caller caller)
    {
        if (_keys.Current.Signing is not { } signing)
        {
            throw new InvalidOperationException("This host has no key to sign with.");
        }

        var now = _time.GetUtcNow().UtcDateTime;
        return _tokens.CreateToken(
            new SecurityTokenDescriptor
            {
                TokenType = TokenType,
                Issuer = _options.Issuer,
                Audience = _options.Audience,
                IssuedAt = now,
                NotBefore = now,
                Expires = now.AddSeconds(_options.LifetimeSeconds),
                Claims = new Dictionary<string, object>
                {
                    [JwtRegisteredClaimNames.Sub] = caller.MemberId.ToString(),
                    [SessionClaim] = caller.SessionId.ToString(),
                },
                SigningCredentials = signing,
            }
        );
    }

    /// <summary>
    /// Who an <c>Authorization</c> header speaks for; null when it is missing, of another scheme, or its token is forged, expired,
    /// not ours or too long. A token is verified once and then remembered until it expires.
    /// </summary>
    public ValueTask<Caller?> AuthenticateAsync(string? authorization)
    {
        // The whole header is the key, so that a hit cuts no string. Only verified headers are ever remembered.
        if (authorization is null || authorization.Length > SizeMaxBytes)
        {
            return default;
        }

        var belief = CurrentBelief();
        if (belief.Verified.TryGet(authorization, out var known))
        {
            return new ValueTask<Caller?>(_time.GetUtcNow() - ClockSkew < known.ExpiresAt ? known.Caller : null);
        }

        return VerifyAsync(authorization, belief);
    }

    private async ValueTask<Caller?> VerifyAsync(string authorization, Belief belief)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var result = await _tokens.ValidateTokenAsync(authorization[Scheme.Length..].Trim(), belief.Rules);
        if (
            !result.IsValid
            || result.SecurityToken is not JsonWebToken token
            || !Guid.TryParseExact(token.Subject, "D", out var member)
            || !token.TryGetPayloadValue<string>(SessionClaim, out var sid)
            || !Guid.TryParseExact(sid, "D", out var session)
        )
        {
            return null;
        }

        // Only the one usual form is remembered: blanks around the token would make any number of headers of it, each thousands long.
        var verified = new Verified(new Caller(member, session), token.ValidTo);
        return authorization.Length == Scheme.Length + token.EncodedToken.Length
            ? belief.Verified.GetOrAdd(authorization, verified).Caller
            : verified.Caller;
    }

    /// <summary>With other keys, what was verified by those of before is verified once more.</summary>
    private Belief CurrentBelief()
    {
        var (belief, keys) = (_belief, _keys.Current);
        // Two that see the change at once make two of them, of which one is used.
        return belief.Keys == keys ? belief : _belief = NewBelief(keys);
    }

    private Belief NewBelief(KeySet keys) =>
        new(
            keys,
            new TokenValidationParameters
            {
                ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
                ValidTypes = [TokenType],
                ValidIssuer = _options.Issuer,
                ValidAudience = _options.Audience,
                IssuerSigningKeys = keys.Believed,
                TryAllIssuerSigningKeys = false,
                RequireSignedTokens = true,
                RequireExpirationTime = true,
                ValidateIssuerSigningKey = true,
                ClockSkew = ClockSkew,
                LifetimeValidator = IsWithinLifetime,
            },
            new GenerationalCache<string, Verified>(_options.RememberedMax)
        );

    private bool IsWithinLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters rules)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return expires is not null && now - ClockSkew < expires && (notBefore is null || now + ClockSkew >= notBefore);
    }

    /// <param name="Keys">By which it is decided.</param>
    /// <param name="Verified">What was, by its whole header.</param>
    private sealed record Belief(KeySet Keys, TokenValidationParameters Rules, GenerationalCache<string, Verified> Verified);

    private sealed class Verified(Caller caller, DateTimeOffset expiresAt)
    {
        public Caller Caller { get; } = caller;

        public DateTimeOffset ExpiresAt { get; } = expiresAt;
    }
}
