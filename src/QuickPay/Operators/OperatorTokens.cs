using Microsoft.Extensions.Options;
using QuickPay.Sessions;

namespace QuickPay.Operators;

/// <summary>Which operator calls, and by which log-in.</summary>
public sealed record OperatorCaller(Guid OperatorId, Guid LoginId);

/// <summary>
/// Access tokens of operators: signed as members' are, for another audience, so that neither is believed where the other belongs. There is
/// no refresh: after a quarter of an hour they log in again. A disabled operator's token is of no use at once
/// (<see cref="OperatorDirectory.FindActiveAsync"/> is asked on every call).
/// </summary>
public sealed class OperatorTokens(IOptions<TokenOptions> options, SigningKeys keys, TimeProvider time)
{
    private const string AudienceSuffix = "/operators";
    private const int LifetimeSecondsMax = 900;
    private const int Remembered = 100;

    private readonly AccessTokens _tokens = new(
        Options.Create(
            new TokenOptions
            {
                SigningKeyFile = options.Value.SigningKeyFile,
                AlsoBelievedKeyFiles = options.Value.AlsoBelievedKeyFiles,
                Issuer = options.Value.Issuer,
                Audience = options.Value.Audience + AudienceSuffix,
                LifetimeSeconds = Math.Min(options.Value.LifetimeSeconds, LifetimeSecondsMax),
                RememberedMax = Remembered,
            }
        ),
        keys,
        time
    );

    /// <summary>Seconds a new token lives.</summary>
    public int LifetimeSeconds => _tokens.LifetimeSeconds;

    /// <summary>A token for somebody who has just proven who they are.</summary>
    public string Issue(Guid operatorId, out OperatorCaller login)
    {
        login = new OperatorCaller(operatorId, Guid.CreateVersion7(time.GetUtcNow()));
        return _tokens.Issue(new Caller(login.OperatorId, login.LoginId));
    }

    /// <inheritdoc cref="AccessTokens.AuthenticateAsync" />
    public async ValueTask<OperatorCaller?> AuthenticateAsync(string? authorization) =>
        await _tokens.AuthenticateAsync(authorization) is { } caller ? new OperatorCaller(caller.MemberId, caller.SessionId) : null;
}
