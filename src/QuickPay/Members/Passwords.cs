namespace QuickPay.Members;

/// <summary>What a login came to.</summary>
public enum LoginOutcome
{
    /// <summary>The member is who they say.</summary>
    Ok,

    /// <summary>Unknown phone or wrong password; which of them is not told, nor shown by the time it took.</summary>
    Wrong,

    /// <summary>Too many wrong passwords: come back after <see cref="LoginCheck.RetryAfter"/>.</summary>
    Locked,

    /// <summary>Too many logins at once on this server.</summary>
    Overloaded,
}

/// <summary>A login's outcome. <see cref="MemberId"/> is meaningful when it is Ok, <see cref="RetryAfter"/> when it is Locked.</summary>
public readonly record struct LoginCheck(LoginOutcome Outcome, Guid MemberId = default, TimeSpan RetryAfter = default);

/// <summary>Checks a member's password at login.</summary>
public sealed class Passwords
{
    /// <summary>Shortest password a member may choose (NIST SP 800-63B).</summary>
    public const int LengthMin = 8;

    /// <summary>Longest password.</summary>
    public const int LengthMax = Credentials.SecretLengthMax;

    private readonly MemberDirectory _members;
    private readonly Credentials _credentials;
    private readonly SlowHashPool _pool;

    internal Passwords(MemberDirectory members, Credentials credentials, SlowHashPool pool)
    {
        _members = members;
        _credentials = credentials;
        _pool = pool;
    }

    /// <summary>Takes a phone number in E.164 form.</summary>
    public async Task<LoginCheck> CheckAsync(string phone, string password, CancellationToken cancellationToken)
    {
        if (password.Length > LengthMax)
        {
            return new LoginCheck(LoginOutcome.Wrong);
        }

        using var worker = await _pool.EnterAsync(cancellationToken);
        if (worker is null)
        {
            return new LoginCheck(LoginOutcome.Overloaded);
        }

        if (await _members.FindByPhoneAsync(phone, cancellationToken) is not { } member)
        {
            await _credentials.TryNobodyAsync(password);
            return new LoginCheck(LoginOutcome.Wrong);
        }

        var (outcome, retryAfter) = await _credentials.TryAsync(member, CredentialKind.Password, password);
        return outcome switch
        {
            Attempt.Right => new LoginCheck(LoginOutcome.Ok, member),
            Attempt.Wrong => new LoginCheck(LoginOutcome.Wrong),
            Attempt.Locked => new LoginCheck(LoginOutcome.Locked, RetryAfter: retryAfter),
        };
    }
}
