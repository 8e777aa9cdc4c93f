using System.Text.Json;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>
/// What a member's phone keeps: who logs in, the tokens, the newest consistency token. Renews an access token before it expires and a session
/// that has ended, one at a time however many calls notice. Nothing of it is ever written anywhere.
/// </summary>
internal sealed class MemberSession(Send send, TimeProvider clock, string phone, string password) : IDisposable
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(2);

    // When it could not be renewed, others do not queue up to try the same.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _renewing = new(1);
    private readonly Lock _gate = new();
    private volatile Tokens? _tokens;
    private long _tokensSince;
    private long? _failedAt;
    private string? _consistency;

    /// <summary>The newest one of all answers.</summary>
    public string? Consistency
    {
        get
        {
            lock (_gate)
                return _consistency;
        }
    }

    public Guid Session => Known.Session;

    private Tokens Known => _tokens ?? throw new InvalidOperationException("The member has not logged in.");

    private TimeSpan Age
    {
        get
        {
            lock (_gate)
                return clock.GetElapsedTime(_tokensSince);
        }
    }

    /// <summary>A log-in, as sent by this session and by the drill's log-ins.</summary>
    public Call LogIn { get; } =
        new(
            HttpMethod.Post,
            "/v1/sessions",
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    phone,
                    password,
                    device = "drill",
                }
            )
        );

    public void Dispose() => _renewing.Dispose();

    public void Accept(Tokens tokens)
    {
        lock (_gate)
            (_tokens, _tokensSince, _failedAt) = (tokens, clock.GetTimestamp(), null);
    }

    public void Remember(string? consistency)
    {
        if (consistency is null)
            return;
        lock (_gate)
            _consistency = Answers.Newer(_consistency, consistency);
    }

    /// <summary>Those to send now. Close to their end they are renewed first; if that fails, they are still good.</summary>
    public async ValueTask<Tokens> TokensAsync(int edge, TimeSpan patience, CancellationToken cancellationToken)
    {
        var tokens = Known;
        if (Age > tokens.Lifetime - RenewBefore)
            await RenewAsync(tokens, edge, patience, cancellationToken);
        return Known;
    }

    /// <summary>For a drill to begin with: tokens that most drills need not renew.</summary>
    public Task RenewIfWornAsync(int edge, TimeSpan patience, CancellationToken cancellationToken) =>
        Age > Known.Lifetime / 3 ? RenewAsync(Known, edge, patience, cancellationToken) : Task.CompletedTask;

    /// <summary>
    /// Replaces these tokens, by the refresh token or, where the service takes that no more, by logging in. Comes back without new ones when
    /// the service cannot be asked now.
    /// </summary>
    public async Task RenewAsync(Tokens worn, int edge, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (patience <= TimeSpan.Zero || !await _renewing.WaitAsync(patience, cancellationToken))
            return;
        try
        {
            if (!ReferenceEquals(Known, worn) || HasJustFailed())
                return;
            var refresh = new Call(
                HttpMethod.Post,
                "/v1/sessions/refresh",
                JsonSerializer.SerializeToUtf8Bytes(new { refreshToken = worn.Refresh })
            );
            var attempt = await SendAsync(refresh);
            if (attempt.Verdict == Verdict.NoSession)
                attempt = await SendAsync(LogIn);
            if (attempt.Verdict == Verdict.Done)
                Accept(Answers.Tokens(attempt.Body));
            else
                lock (_gate)
                    _failedAt = clock.GetTimestamp();
        }
        finally
        {
            _renewing.Release();
        }

        Task<Attempt> SendAsync(Call call) => send(call, edge, null, null, Persistence.Limit(patience), cancellationToken);
    }

    private bool HasJustFailed()
    {
        lock (_gate)
            return _failedAt is { } failed && clock.GetElapsedTime(failed) < AfterFailure;
    }
}
