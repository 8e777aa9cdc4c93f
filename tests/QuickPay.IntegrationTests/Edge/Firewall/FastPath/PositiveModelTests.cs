using System.Text;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Edge.Firewall.FastPath;

namespace QuickPay.IntegrationTests.Edge.Firewall.FastPath;

/// <summary>Which requests pass without an inspection.</summary>
public sealed class PositiveModelTests(FastPathFixture fixture) : IClassFixture<FastPathFixture>
{
    private const string Id = FastRequest.Id;
    private readonly PositiveModel _model = fixture.NewModel();

    private static FastRequest Lunch => FastRequest.Send("점심");

    [Fact]
    public void The_calls_that_members_make_all_the_time_are_fast()
    {
        FastRequest[] calls =
        [
            Lunch,
            Lunch with
            {
                Protocol = "HTTP/2",
            },
            new("CaptureTransfer", $"/v1/transfers/{Id}/capture", """{"amount": 500}""", ("Idempotency-Key", "k-1")),
            new("CancelTransfer", $"/v1/transfers/{Id}/cancel", "{}", ("Idempotency-Key", "k-1")),
            new("Deposit", $"/v1/accounts/{Id}/deposits", """{"amount":500,"currency":"KRW"}""", ("Idempotency-Key", "k-1")),
            new("GetBalance", $"/v1/accounts/{Id}/balance", "", ("QuickPay-Consistency", new string('A', 50))),
            new("ListTransactions", $"/v1/accounts/{Id}/transactions?limit=20&from=2026-11-22T09:00:00Z&direction=in&status=posted", ""),
            new("GetTransfer", $"/v1/transfers/{Id}", "", ("Cookie", $"quickpay-server=a7; QuickPay-Consistency={new string('A', 50)}")),
            new("ListAccounts", "/v1/accounts", ""),
            new("GetMe", "/v1/members/me", "", ("X-Forwarded-For", "203.0.113.7")),
            new("ListSessions", "/v1/sessions", "", ("Content-Length", "0")),
            new("GetRates", "/v1/rates?base=KRW", ""),
            new("RefreshSession", "/v1/sessions/refresh", $$"""{"refreshToken":"{{new string('x', 107)}}"}"""),
        ];

        Assert.All(calls, call => Assert.True(FastPathFixture.Matches(_model, call), call.ToString()));
    }

    [Fact]
    public void Signing_up_and_logging_in_are_always_inspected()
    {
        FastRequest[] calls =
        [
            new("LogIn", "/v1/sessions", """{"phone":"+821012345678"}"""),
            new("SignUp", "/v1/members", """{"phone":"+821012345678"}"""),
        ];

        Assert.All(calls, call => Assert.True(fixture.Learn(_model, call)));
        Assert.All(calls, call => Assert.False(FastPathFixture.Matches(_model, call)));
    }

    [Fact]
    public void Without_a_verified_token_nothing_is_fast() =>
        Assert.False(FastPathFixture.Matches(_model, Lunch with { IsVerified = false }));

    [Theory]
    [InlineData("/v1/transfers/")]
    [InlineData("/v1/transfers?")]
    [InlineData("/v1/transfers?x=1")]
    [InlineData("/v1//transfers")]
    [InlineData("/V1/transfers")]
    [InlineData("/v1/%74ransfers")]
    [InlineData("http://localhost/v1/transfers")]
    public void A_target_that_is_not_exactly_the_declared_one_is_not_fast(string target) =>
        Assert.False(FastPathFixture.Matches(_model, Lunch with { RawTarget = target }));

    [Theory]
    [InlineData("01980A3E-7C5B-7D21-9F44-2B6A1C0D9E8F/transactions")]
    [InlineData("{id}/transactions")]
    [InlineData("../transactions")]
    [InlineData(Id + "/transactions?limit=20&limit=20")]
    [InlineData(Id + "/transactions?limit=20&")]
    [InlineData(Id + "/transactions?limit=x")]
    [InlineData(Id + "/transactions?limit")]
    [InlineData(Id + "/transactions?Limit=20")]
    [InlineData(Id + "/transactions?limit=%32")]
    [InlineData(Id + "/transactions?from=2026-11-22T09:00:00+09:00")]
    [InlineData(Id + "/transactions?direction=up")]
    [InlineData(Id + "/transactions?cursor=1-or-1")]
    [InlineData(Id + "/transactions?cursor=ZXZhbCgx")]
    public void A_page_of_another_form_is_not_fast(string rest) =>
        Assert.False(FastPathFixture.Matches(_model, new FastRequest("ListTransactions", $"/v1/accounts/{rest}", "")));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{} ,")]
    [InlineData("{} {}")]
    [InlineData("{\"amount\":1")]
    [InlineData("{\"amount\":1,}")]
    [InlineData("{\"amount\":1,\"amount\":1}")]
    [InlineData("{\"Amount\":1}")]
    [InlineData("{\"amount\":\"1\"}")]
    [InlineData("{\"amount\":1.5}")]
    [InlineData("{\"amount\":-1}")]
    [InlineData("{\"amount\":2147483647}")]
    [InlineData("{\"amount\":null}")]
    [InlineData("{\"unknown\":1}")]
    [InlineData("{\"memo\":\"\\u0061\"}")]
    [InlineData("{\"m\\u0065mo\":\"a\"}")]
    [InlineData("{\"memo\":{\"a\":1}}")]
    [InlineData("{\"memo\":[\"a\"]}")]
    [InlineData("{\"to\":{}}")]
    [InlineData("{\"to\":{\"phone\":\"+821012345678\",\"accountId\":\"" + Id + "\"}}")]
    [InlineData("{\"to\":{\"memo\":\"a\"}}")]
    [InlineData("{\"phone\":\"+821012345678\"}")]
    [InlineData("{\"to\":{\"phone\":\"0000012345\"}}")]
    [InlineData("{\"to\":{\"phone\":\"010--1234-5678\"}}")]
    [InlineData("{\"to\":{\"accountNumber\":\"1234-5678-901\"}}")]
    [InlineData("{\"currency\":\"ENV\"}")]
    [InlineData("{\"pin\":\"12345\"}")]
    [InlineData("{\"hold\":\"true\"}")]
    [InlineData("{\"expiresAt\":\"2026-11-22 09:00:00Z\"}")]
    [InlineData("{\"fromAccountId\":\"x\"}")]
    [InlineData("/* */{}")]
    public void A_body_that_is_not_what_the_call_declares_is_not_fast(string json) =>
        Assert.False(FastPathFixture.Matches(_model, Lunch with { Json = json }));

    [Fact]
    public void A_body_with_a_byte_order_mark_is_not_fast() =>
        Assert.False(FastPathFixture.Matches(_model, Lunch with { Bytes = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Lunch.Json)] }));

    [Theory]
    [InlineData("Idempotency-Key", "processbuilder-unmarshaller")]
    [InlineData("Idempotency-Key", "a b")]
    [InlineData("Idempotency-Key", "../x")]
    [InlineData("QuickPay-Consistency", "short")]
    [InlineData("Cookie", "theme=dark")]
    [InlineData("Cookie", "quickpay-server=1-or-1")]
    [InlineData("Content-Type", "application/json; charset=utf-7")]
    [InlineData("Content-Type", "text/plain")]
    [InlineData("Content-Length", "1")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("Authorization", "Bearer java.lang.Runtime()")]
    [InlineData("X-Forwarded-For", "../../etc")]
    [InlineData("User-Agent", "unknown/1.0")]
    [InlineData("X-Other", "1")]
    public void A_header_without_its_shape_or_never_seen_before_is_not_fast(string name, string value) =>
        Assert.False(FastPathFixture.Matches(_model, Lunch with { Headers = [.. Lunch.Headers, (name, value)] }));

    [Fact]
    public void A_set_of_headers_is_fast_once_the_rules_have_found_nothing_in_it()
    {
        var app = Lunch with { Headers = [.. Lunch.Headers, ("User-Agent", "QuickPay/3.1 (Android 15; ko-KR)")] };
        Assert.False(FastPathFixture.Matches(_model, app));

        Assert.True(fixture.Learn(_model, app));

        Assert.True(FastPathFixture.Matches(_model, app));
        Assert.True(FastPathFixture.Matches(_model, app with { Json = FastRequest.Send("Coffee thanks").Json }));
        Assert.False(
            FastPathFixture.Matches(_model, app with { Headers = [.. Lunch.Headers, ("User-Agent", "QuickPay/3.1 (Android 15; ko-KR")] })
        );
        Assert.False(FastPathFixture.Matches(_model, app with { Protocol = "HTTP/2" }));
    }

    [Fact]
    public void A_set_of_headers_that_a_rule_finds_something_in_is_never_fast()
    {
        var scanner = Lunch with { Headers = [.. Lunch.Headers, ("User-Agent", "sqlmap/1.7.2#stable (https://sqlmap.org)")] };

        Assert.False(fixture.Learn(_model, scanner));

        Assert.False(FastPathFixture.Matches(_model, scanner));
    }

    [Fact]
    public void A_memo_of_other_words_is_fast_once_it_was_found_clean_beside_the_same_headers()
    {
        var memo = FastRequest.Send("(O'Neill) rent for November");
        Assert.False(FastPathFixture.Matches(_model, memo));

        Assert.True(fixture.Learn(_model, memo));

        Assert.True(FastPathFixture.Matches(_model, memo));
        Assert.False(FastPathFixture.Matches(_model, FastRequest.Send("(O'Neill) rent for December")));
        Assert.False(FastPathFixture.Matches(_model, memo with { Protocol = "HTTP/2" }));
    }

    /// <summary>Rule 944110 finds one half in any header and the other half in any field.</summary>
    [Fact]
    public void Two_halves_that_are_clean_alone_do_not_pass_together()
    {
        var agent = Lunch with { Headers = [.. Lunch.Headers, ("User-Agent", "processbuilder")] };
        var memo = FastRequest.Send("java. x");
        var both = agent with { Json = memo.Json };
        Assert.True(fixture.Learn(_model, agent) && fixture.Learn(_model, memo));
        Assert.True(FastPathFixture.Matches(_model, agent) && FastPathFixture.Matches(_model, memo));

        Assert.False(fixture.Engine.Inspect(both.ToInspected()).IsClean);
        Assert.False(FastPathFixture.Matches(_model, both));
    }

    [Fact]
    public void Nothing_is_fast_when_the_rules_are_not_those_that_were_tried()
    {
        var model = new PositiveModel(fixture.Vocabulary, isEnabled: false);

        Assert.True(fixture.Learn(model, Lunch));

        Assert.False(FastPathFixture.Matches(model, Lunch));
    }

    [Theory]
    [InlineData("application/json;charset=utf-8")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=UTF-8")]
    [InlineData("application/json; charset=Utf-8")]
    public void A_body_may_say_that_it_is_UTF8(string type)
    {
        var request = Lunch with { Headers = [.. Lunch.Headers, ("Content-Type", type)] };

        Assert.True(fixture.Engine.Inspect(request.ToInspected()).IsClean);
        Assert.True(FastPathFixture.Matches(_model, request));
    }

    /// <summary>Else one account that writes something else each time drives out what members use.</summary>
    [Fact]
    public void One_member_teaches_only_so_many_texts_a_minute()
    {
        var time = new FakeTimeProvider();
        var model = new PositiveModel(fixture.Vocabulary, budget: new LearningBudget(time));
        var texts = Enumerable.Range(0, 2 * LearningBudget.TextsPerMinute).Select(i => FastRequest.Send($"java. x{i}")).ToList();

        Assert.All(texts, text => Assert.True(fixture.Learn(model, text)));
        // The headers are a text too.
        Assert.Equal(LearningBudget.TextsPerMinute - 1, texts.Count(text => FastPathFixture.Matches(model, text)));

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(fixture.Learn(model, texts[^1]));
        Assert.True(FastPathFixture.Matches(model, texts[^1]));
    }

    [Fact]
    public void Each_member_has_a_budget_of_their_own_and_all_together_have_one()
    {
        var budget = new LearningBudget(new FakeTimeProvider());
        var members = Enumerable.Range(0, LearningBudget.MembersMax + 1).Select(i => new Guid(i, 0, 0, new byte[8])).ToList();

        Assert.Equal(LearningBudget.TextsPerMinute, Enumerable.Range(0, 100).Count(_ => budget.TryTake(members[0])));
        Assert.All(members[1..^1], member => Assert.True(budget.TryTake(member)));
        Assert.False(budget.TryTake(members[^1]));
        Assert.True(budget.TryTake(members[1]));
    }

    [Fact]
    public void Judging_a_request_allocates_next_to_nothing()
    {
        var (context, edge) = Lunch.Receive();
        Assert.True(_model.Matches(context, edge));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _model.Matches(context, edge);
        }

        // The enumerator of the headers.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, 128);
    }
}
