using System.Text.Json;
using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>One member: joins, asks, and looks after the own session.</summary>
internal sealed class DrillMember : IDisposable
{
    private const int AsksMax = 20;
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TimeProvider _clock;
    private readonly int _index;
    private readonly string _phone;
    private readonly string _password;
    private readonly string _pin;
    private readonly EdgeClient _edges;
    private readonly Persistence _program;
    private readonly MemberSession _session;
    private Guid _sessionAtStart;

    /// <param name="index">How operations call the member; also decides which edge it begins with.</param>
    /// <param name="edges">Its own way to the edges; taken over.</param>
    /// <param name="clock">The time.</param>
    /// <param name="phone">E.164.</param>
    /// <param name="password">To log in with.</param>
    /// <param name="pin">6 digits.</param>
    public DrillMember(int index, EdgeClient edges, TimeProvider clock, string phone, string password, string pin)
    {
        (_index, _edges, _phone, _password, _pin, _clock) = (index, edges, phone, password, pin, clock);
        _program = new Persistence(edges.SendAsync, clock);
        _session = new MemberSession(edges.SendAsync, clock, phone, password);
    }

    /// <summary>The wallet in won.</summary>
    public Guid Account { get; private set; }

    public void Dispose()
    {
        _session.Dispose();
        _edges.Dispose();
    }

    /// <summary>Signs up, logs in, finds the wallet and puts money into it.</summary>
    public async Task JoinAsync(long deposit, CancellationToken cancellationToken)
    {
        var signUp = new
        {
            phone = _phone,
            name = $"훈련 회원 {_index + 1}",
            password = _password,
            pin = _pin,
        };
        // A phone number that is taken is our own: the answer to an earlier attempt was lost.
        await RequireAsync(
            "sign up",
            new Call(HttpMethod.Post, "/v1/members", JsonSerializer.SerializeToUtf8Bytes(signUp)),
            null,
            end => end.Attempts > 1 && end.Last?.Error == "phone_taken"
        );
        _session.Accept(Answers.Tokens((await RequireAsync("log in", _session.LogIn, null)).Body));
        _sessionAtStart = _session.Session;
        Account = Answers.Wallet((await RequireAsync("see the account", new Call(HttpMethod.Get, "/v1/accounts"), _session)).Body);
        var money = JsonSerializer.SerializeToUtf8Bytes(new { amount = deposit, currency = "KRW" });
        await RequireAsync("deposit", new Call(HttpMethod.Post, $"/v1/accounts/{Account}/deposits", money, "drill-deposit"), _session);

        async Task<Attempt> RequireAsync(string what, Call call, MemberSession? session, Func<CallEnd, bool>? isFine = null)
        {
            var end = await _program.CallAsync(call, _index, session, Patience, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (end.Outcome != OperationOutcome.Acknowledged && isFine?.Invoke(end) != true)
                throw new LocalException($"The drill's member {_index + 1} could not {what}: {end.Why}.{AdviceOn(end)}");
            return end.Last!;
        }
    }

    /// <summary>Sends it until an outcome or the end of patience.</summary>
    public Task<CallEnd> CallAsync(Call call, TimeSpan patience, CancellationToken cancellationToken) =>
        _program.CallAsync(call, _index, _session, patience, cancellationToken);

    /// <summary>Logs in on a further device and, when that is done, off again: a member's oldest session makes room when there are too many.</summary>
    /// <param name="patience">For the log-in.</param>
    /// <param name="loggedIn">Called with the log-in's end.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    public async Task LogInOnceMoreAsync(TimeSpan patience, Action<CallEnd> loggedIn, CancellationToken cancellationToken)
    {
        loggedIn(await _program.CallAsync(_session.LogIn, _index, null, patience, cancellationToken));
        // What is left over, also of attempts whose answer was lost, goes with the next one.
        await EndOtherSessionsAsync(patience, cancellationToken);
    }

    /// <summary>Before a drill: a session with a long life, and none besides.</summary>
    public async Task GetReadyAsync(CancellationToken cancellationToken)
    {
        await _session.RenewIfWornAsync(_index, Patience, cancellationToken);
        if (!await EndOtherSessionsAsync(Patience, cancellationToken))
            throw new LocalException($"The drill's member {_index + 1} could not look after the own sessions.");
        _sessionAtStart = _session.Session;
    }

    /// <summary>Null when the session that the drill began with is alive; otherwise what there is instead.</summary>
    public async Task<string?> WhySessionIsLostAsync(CancellationToken cancellationToken)
    {
        var end = await _program.CallAsync(new Call(HttpMethod.Get, "/v1/sessions"), _index, _session, Patience, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (end.Outcome != OperationOutcome.Acknowledged)
            return end.Why;
        return Answers.Sessions(end.Last!.Body).Any(session => session.IsCurrent && session.Id == _sessionAtStart)
            ? null
            : $"another session{(end.Errors.Count > 0 ? $": {end.Why}" : "")}";
    }

    /// <summary>Opens a session beside the own one and, if asked to, ends it again: both were acknowledged when this returns.</summary>
    /// <returns>Its access token.</returns>
    /// <exception cref="LocalException">The service does not do that now.</exception>
    public async Task<string> OpenSessionAsync(bool andEndIt, CancellationToken cancellationToken)
    {
        var opened = await _program.CallAsync(_session.LogIn, _index, null, Patience, cancellationToken);
        if (opened.Outcome != OperationOutcome.Acknowledged)
            throw new LocalException($"The drill's member {_index + 1} could not log in: {opened.Why}.");
        var token = Answers.Tokens(opened.Last!.Body).Access;
        if (andEndIt && (await AskAsync(HttpMethod.Delete, "/v1/sessions/current", token, cancellationToken)).Status != 204)
            throw new LocalException($"The drill's member {_index + 1} could not log out.");
        return token;
    }

    /// <summary>Whether a session is honoured; asked again while nobody can tell.</summary>
    public async Task<bool?> IsHonouredAsync(string accessToken, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < AsksMax; attempt++)
        {
            switch ((await AskAsync(HttpMethod.Get, "/v1/sessions", accessToken, cancellationToken)).Status)
            {
                case 200:
                    return true;
                case 401:
                    return false;
            }
            await Task.Delay(AskAgain, _clock, cancellationToken);
        }
        return null;
    }

    private Task<Attempt> AskAsync(HttpMethod method, string path, string accessToken, CancellationToken cancellationToken) =>
        _edges.SendAsync(new Call(method, path), _index, accessToken, null, EdgeClient.AttemptTimeout, cancellationToken);

    private async Task<bool> EndOtherSessionsAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var listed = await CallAsync(new Call(HttpMethod.Get, "/v1/sessions"), patience, cancellationToken);
        if (listed.Outcome != OperationOutcome.Acknowledged)
            return false;
        foreach (var other in Answers.Sessions(listed.Last!.Body).Where(session => !session.IsCurrent))
        {
            var ended = await CallAsync(new Call(HttpMethod.Delete, $"/v1/sessions/{other.Id}"), patience, cancellationToken);
            if (ended.Outcome != OperationOutcome.Acknowledged && ended.Last?.Error != "session_not_found")
                return false;
        }
        return true;
    }

    private static string AdviceOn(CallEnd end) =>
        end.Errors.Contains("rate_limited") ? " Members of a drill come from one address: the edge's limits have to allow for that." : "";
}
