using System.Text;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Traffic;

namespace QuickPay.Tests.Drills;

/// <summary>A member's program against a service that answers as written here.</summary>
public sealed class PersistenceTests
{
    private static readonly Attempt Done = new(201, "");
    private static readonly Attempt Lost = new(0, Attempt.ConnectionLost);
    private static readonly Attempt Unreachable = new(0, Attempt.ConnectFailed);
    private static readonly Attempt Poor = new(422, "insufficient_funds");
    private static readonly Attempt Blocked = new(403, "request_blocked");
    private static readonly Attempt Gone = new(401, "session_revoked");
    private static readonly Call Transfer = new(HttpMethod.Post, "/v1/transfers", [1, 2, 3], "key");
    private readonly FakeTimeProvider _clock = new();
    private readonly List<(Call Call, int Edge, string? AccessToken, string? Consistency)> _sent = [];

    [Fact]
    public async Task The_same_is_sent_until_it_is_done_and_to_the_next_edge_where_one_did_not_answer()
    {
        var end = await CallAsync(null, Lost, new Attempt(503, "unavailable_retry"), Done);

        Assert.Equal((OperationOutcome.Acknowledged, 3), (end.Outcome, end.Attempts));
        Assert.Equal(["connection_lost", "unavailable_retry"], end.Errors);
        Assert.All(_sent, sent => Assert.Same(Transfer, sent.Call));
        Assert.Equal([7, 8, 9], _sent.Select(sent => sent.Edge));
    }

    [Fact]
    public async Task What_the_ledger_refused_is_refused_whatever_was_lost_before() =>
        Assert.Equal(OperationOutcome.Refused, (await CallAsync(null, Lost, Poor)).Outcome);

    [Fact]
    public async Task What_was_turned_away_says_nothing_of_an_attempt_whose_answer_was_lost()
    {
        Assert.Equal(OperationOutcome.Refused, (await CallAsync(null, Blocked)).Outcome);
        Assert.Equal(OperationOutcome.Refused, (await CallAsync(null, Unreachable, Blocked)).Outcome);
        Assert.Equal(OperationOutcome.Unknown, (await CallAsync(null, Lost, Blocked)).Outcome);
    }

    [Fact]
    public async Task Patience_ends()
    {
        var started = _clock.GetUtcNow();
        var end = await CallAsync(null, [.. Enumerable.Repeat(Lost, 100)]);

        Assert.Equal(OperationOutcome.Unknown, end.Outcome);
        Assert.Equal(end.Attempts, end.Errors.Count);
        Assert.InRange(_clock.GetUtcNow() - started, TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(31));
    }

    [Fact]
    public async Task Who_is_told_to_stop_gives_up_and_says_so()
    {
        using var stopping = new CancellationTokenSource();
        var program = new Persistence((_, _, _, _, _, _) => Task.FromResult(Lost), _clock);
        var calling = program.CallAsync(Transfer, 0, null, TimeSpan.FromSeconds(30), stopping.Token);
        await stopping.CancelAsync();
        var end = await calling;

        Assert.Equal(OperationOutcome.Unknown, end.Outcome);
        Assert.Equal(["connection_lost", "abandoned"], end.Errors);
    }

    [Fact]
    public async Task A_session_that_has_ended_is_refreshed_and_the_call_goes_on()
    {
        using var session = Session();
        var end = await CallAsync(session, Gone, TokensOf("second"), Done);

        Assert.Equal((OperationOutcome.Acknowledged, 2), (end.Outcome, end.Attempts));
        Assert.Equal(["session_revoked"], end.Errors);
        Assert.Equal(["/v1/transfers", "/v1/sessions/refresh", "/v1/transfers"], _sent.Select(sent => sent.Call.Path));
        Assert.Equal(["access-first", null, "access-second"], _sent.Select(sent => sent.AccessToken));
    }

    [Fact]
    public async Task Who_cannot_refresh_logs_in_anew()
    {
        using var session = Session();
        var before = session.Session;
        var end = await CallAsync(session, Gone, Gone, TokensOf("second"), Done);

        Assert.Equal(OperationOutcome.Acknowledged, end.Outcome);
        Assert.Equal(["/v1/transfers", "/v1/sessions/refresh", "/v1/sessions", "/v1/transfers"], _sent.Select(sent => sent.Call.Path));
        Assert.NotEqual(before, session.Session);
    }

    [Fact]
    public async Task Tokens_close_to_their_end_are_renewed_once_and_used_on_while_that_fails()
    {
        using var session = Session();
        _clock.Advance(TimeSpan.FromMinutes(13.5));
        Assert.Equal(OperationOutcome.Acknowledged, (await CallAsync(session, Unreachable, Done, Done)).Outcome);
        await CallAsync(session, Done);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await CallAsync(session, TokensOf("second"), Done);

        Assert.Equal(
            ["/v1/sessions/refresh", "/v1/transfers", "/v1/transfers", "/v1/sessions/refresh", "/v1/transfers"],
            _sent.Select(sent => sent.Call.Path)
        );
        Assert.Equal([null, "access-first", "access-first", null, "access-second"], _sent.Select(sent => sent.AccessToken));
    }

    private MemberSession Session()
    {
        var session = new MemberSession(NextAsync, _clock, "+821012345678", "secret");
        session.Accept(Answers.Tokens(TokensOf("first").Body));
        return session;
    }

    private static Attempt TokensOf(string name) =>
        new(200, "")
        {
            Body = Encoding.UTF8.GetBytes(
                $$"""
                {"accessToken":"access-{{name}}","refreshToken":"r","expiresIn":900,"sessionId":"{{new Guid(
                    name.Length,
                    0,
                    0,
                    new byte[8]
                )}}"}
                """
            ),
        };

    private readonly Queue<Attempt> _answers = [];

    /// <summary>Time passes as it is waited for.</summary>
    private async Task<CallEnd> CallAsync(MemberSession? session, params Attempt[] answers)
    {
        _answers.Clear();
        foreach (var answer in answers)
            _answers.Enqueue(answer);
        var calling = new Persistence(NextAsync, _clock).CallAsync(
            Transfer,
            7,
            session,
            TimeSpan.FromSeconds(30),
            TestContext.Current.CancellationToken
        );
        while (!calling.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
        return await calling;
    }

    private Task<Attempt> NextAsync(Call call, int edge, string? access, string? consistency, TimeSpan timeout, CancellationToken ct)
    {
        _sent.Add((call, edge, access, consistency));
        return Task.FromResult(_answers.Dequeue());
    }
}
