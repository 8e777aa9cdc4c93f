using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Api.Operators;
using QuickPay.IntegrationTests.Support;
using QuickPay.Operators;
using QuickPay.Sessions;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Operators;

/// <summary>Operators: let in by name and password, with a token that opens their calls and no others, and noted with all they read.</summary>
public sealed class OperatorTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private const string Report = "/v1/operator/statistics?from=2026-11-01&to=2026-11-02";

    [Fact]
    public async Task Neither_an_operators_token_opens_a_members_calls_nor_a_members_an_operators()
    {
        var (kim, _) = await CoupleAsync();
        var park = await OperatorUnderTest.LogsInAsync(Bank);
        (await park.GetAsync(Report)).ShouldBe(200);

        foreach (var path in (string[])["/v1/members/me", "/v1/accounts", "/v1/statistics/me?month=2026-11", "/v1/sessions"])
        {
            (await park.GetAsync(path)).ShouldBeProblem(401, "unauthenticated");
        }
        (await kim.GetAsync(Report)).ShouldBeProblem(401, "unauthenticated");
        // Not even one that a member's own id and session were put in.
        var forged = Bank.Service<OperatorTokens>().Issue(kim.Id, out _);
        (await OperatorUnderTest.GetAsync(Bank, Report, forged)).ShouldBeProblem(401, "session_revoked");
        (await OperatorUnderTest.GetAsync(Bank, "/v1/members/me", forged)).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task A_disabled_operator_is_refused_at_once_and_cannot_come_back()
    {
        var park = await OperatorUnderTest.LogsInAsync(Bank);
        (await park.GetAsync(Report)).ShouldBe(200);

        await park.IsDisabledAsync();

        (await park.GetAsync(Report)).ShouldBeProblem(401, "session_revoked");
        (await park.LogsInAsync(OperatorUnderTest.Password)).ShouldBeProblem(401, "unauthenticated");
        Assert.False(await park.InDirectoryAsync(directory => directory.TryAddAsync(park.Name, "another password", Cancellation)));
        Assert.False(await park.InDirectoryAsync(directory => directory.TryDisableAsync(park.Name, Cancellation)));
    }

    [Fact]
    public async Task A_token_ends_after_a_quarter_of_an_hour()
    {
        var park = await OperatorUnderTest.LogsInAsync(Bank);
        var id = await Bank.AskAsync<Guid>($"SELECT id FROM operators WHERE name = '{park.Name}'");
        string Token(TimeSpan age) =>
            new OperatorTokens(
                Bank.Service<IOptions<TokenOptions>>(),
                Bank.Service<SigningKeys>(),
                new FakeTimeProvider(TimeProvider.System.GetUtcNow() - age)
            ).Issue(id, out _);

        (await OperatorUnderTest.GetAsync(Bank, Report, Token(TimeSpan.FromMinutes(14)))).ShouldBe(200);
        (await OperatorUnderTest.GetAsync(Bank, Report, Token(TimeSpan.FromMinutes(16)))).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_the_name_and_a_right_one_before_that_begins_anew()
    {
        var park = await OperatorUnderTest.AddedAsync(Bank);
        for (var round = 0; round < 2; round++)
        {
            for (var n = 0; n < 4; n++)
            {
                (await park.LogsInAsync("wrong horse battery")).ShouldBeProblem(401, "unauthenticated");
            }
            (await park.LogsInAsync(OperatorUnderTest.Password)).ShouldBe(201);
        }
        for (var n = 0; n < 5; n++)
        {
            (await park.LogsInAsync("wrong horse battery")).ShouldBeProblem(401, "unauthenticated");
        }

        var locked = (await park.LogsInAsync(OperatorUnderTest.Password)).ShouldBeProblem(429, "login_locked");
        Assert.InRange(locked.RetryAfter!.Value, 50, 120);
        await Bank.DoAsync($"UPDATE operators SET locked_until = clock_timestamp() WHERE name = '{park.Name}'");
        (await park.LogsInAsync(OperatorUnderTest.Password)).ShouldBe(201);
    }

    /// <summary>The answer is the same to the letter, and so is the work: a durable commit and a slow hash.</summary>
    [Fact]
    public async Task An_unknown_name_is_answered_as_a_wrong_password_is()
    {
        var park = await OperatorUnderTest.AddedAsync(Bank);

        var wrong = (await park.LogsInAsync("wrong horse battery")).ShouldBeProblem(401, "unauthenticated");
        var unknown = (await OperatorUnderTest.LogsInAsync(Bank, "nobody", "wrong horse battery")).ShouldBeProblem(401, "unauthenticated");

        Assert.Equal(wrong.Word("detail"), unknown.Word("detail"));
    }

    [Theory]
    [InlineData("Park", "correct horse battery", "name")]
    [InlineData("p", "correct horse battery", "name")]
    [InlineData("park\n", "correct horse battery", "name")]
    [InlineData("", "", "name", "password")]
    [InlineData("park", "", "password")]
    public async Task What_cannot_be_a_name_or_a_password_is_named(string name, string password, params string[] fields) =>
        (await OperatorUnderTest.LogsInAsync(Bank, name, password)).ShouldBeProblem(400, "invalid_request", fields);

    [Fact]
    public void Every_call_for_operators_goes_through_the_gate()
    {
        var calls = Bank.Service<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/v1/operator", StringComparison.Ordinal))
            .ToList();

        Assert.Contains(calls, call => call.RoutePattern.RawText == "/v1/operator/statistics");
        Assert.All(
            calls.Where(call => call.RoutePattern.RawText != "/v1/operator/sessions"),
            call => Assert.NotNull(call.Metadata.GetMetadata<OperatorRequired>())
        );
    }

    [Fact]
    public async Task Who_is_let_in_and_who_is_not_is_noted_without_the_password()
    {
        using var log = new RecordedLog();
        Bank.Service<ILoggerFactory>().AddProvider(log);
        List<string> Noted() => [.. log.Take().Where(line => line.Id is > 3030 and < 3040).Select(line => line.Text.Trim())];

        var park = await OperatorUnderTest.LogsInAsync(Bank);
        var caller = await Bank.Service<OperatorTokens>().AuthenticateAsync("Bearer " + park.AccessToken);
        Assert.Equal([$"Operator {caller!.OperatorId} ({park.Name}) has logged in: log-in {caller.LoginId}"], Noted());

        for (var n = 0; n < 6; n++)
        {
            await park.LogsInAsync("wrong horse battery");
        }
        await OperatorUnderTest.LogsInAsync(Bank, "nobody-of-ours", "wrong horse battery");
        // What is no name is no log-in, and nothing that is in it gets into the log.
        await OperatorUnderTest.LogsInAsync(Bank, "park\nOperator", "wrong horse battery");
        Assert.Equal(
            [
                .. Enumerable.Repeat($"A log-in as operator {park.Name} was refused: Wrong", 5),
                $"A log-in as operator {park.Name} was refused: Locked",
                "A log-in as operator unknown was refused: Wrong",
            ],
            Noted()
        );
    }

    [Fact]
    public async Task What_an_operator_reads_is_noted_before_it_is_read_and_what_is_refused_is_not()
    {
        using var log = new RecordedLog();
        var park = await OperatorUnderTest.LogsInAsync(Bank);
        var gate = new OperatorGate(
            Bank.Service<OperatorTokens>(),
            Bank.Service<OperatorDirectory>(),
            new OperatorAudit(log.Of<OperatorAudit>())
        );
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.QueryString = new QueryString("?from=2026-11-01&to=2026-11-02");
        context.SetEndpoint(
            new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/v1/operator/statistics"), 0, null, null)
        );
        context.Request.Headers.Authorization = "Bearer " + park.AccessToken;

        var noted = new List<LogLine>();
        await gate.InvokeAsync(
            context,
            _ =>
            {
                noted = log.Take();
                return Task.CompletedTask;
            }
        );

        var line = Assert.Single(noted);
        foreach (var part in (string[])[park.Name, "GET /v1/operator/statistics ?from=2026-11-01&to=2026-11-02"])
        {
            Assert.Contains(part, line.Text, StringComparison.Ordinal);
        }

        await park.IsDisabledAsync();
        await gate.InvokeAsync(context, _ => throw new InvalidOperationException("Nobody may get here."));
        Assert.Empty(log.Take());
        Assert.Equal(StatusCodes.Status401Unauthorized, context.Response.StatusCode);
    }
}
