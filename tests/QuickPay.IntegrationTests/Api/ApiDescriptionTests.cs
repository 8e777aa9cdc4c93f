using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using QuickPay.Api;
using QuickPay.Api.Accounts;
using QuickPay.Api.Members;
using QuickPay.Api.OpenApi;
using QuickPay.Api.Operators;
using QuickPay.Api.Rates;
using QuickPay.Api.Sessions;
using QuickPay.Api.Statements;
using QuickPay.Api.Statistics;
using QuickPay.Api.Transfers;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>The OpenAPI document, and the page that shows it.</summary>
public sealed partial class ApiDescriptionTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private static readonly Dictionary<string, Type> Requests = new()
    {
        ["SignUp"] = typeof(SignUpBody),
        ["LogIn"] = typeof(LogInBody),
        ["RefreshSession"] = typeof(RefreshBody),
        ["Deposit"] = typeof(DepositBody),
        ["SendMoney"] = typeof(SendMoneyBody),
        ["CaptureTransfer"] = typeof(CaptureBody),
        ["CancelTransfer"] = typeof(CancelBody),
        ["OperatorLogIn"] = typeof(OperatorLogInBody),
    };

    private static readonly Dictionary<string, Type> Answers = new()
    {
        ["SignUp"] = typeof(MemberView),
        ["GetMe"] = typeof(MemberView),
        ["LogIn"] = typeof(TokensView),
        ["RefreshSession"] = typeof(TokensView),
        ["ListSessions"] = typeof(SessionList),
        ["ListAccounts"] = typeof(AccountList),
        ["GetBalance"] = typeof(BalanceView),
        ["ListTransactions"] = typeof(TransactionPage),
        ["Deposit"] = typeof(TransferView),
        ["SendMoney"] = typeof(TransferView),
        ["GetTransfer"] = typeof(TransferView),
        ["CaptureTransfer"] = typeof(TransferView),
        ["CancelTransfer"] = typeof(TransferView),
        ["GetRates"] = typeof(RatesView),
        ["GetMyStatistics"] = typeof(MemberMonthView),
        ["OperatorLogIn"] = typeof(OperatorTokenView),
        ["GetOperatorStatistics"] = typeof(OperatorStatisticsView),
    };

    [Fact]
    public async Task The_description_is_the_checked_in_one() =>
        await CheckedInText.ShouldBeAsync(
            "docs/openapi.json",
            (await Bank.GetAsync("/openapi/v1.json")).ShouldBe(200).Text.TrimEnd() + "\n"
        );

    [Fact]
    public async Task Calls_that_move_money_ask_for_a_key_and_all_but_the_door_ask_for_a_session()
    {
        var document = JsonNode.Parse((await Bank.GetAsync("/openapi/v1.json")).Text)!;
        Assert.StartsWith("3.1", (string)document["openapi"]!, StringComparison.Ordinal);
        foreach (var (path, calls) in document["paths"]!.AsObject())
        {
            foreach (var (method, call) in calls!.AsObject())
            {
                var operation = (string)call!["operationId"]!;
                var movesMoney =
                    method == "post"
                    && !path.StartsWith("/v1/members", StringComparison.Ordinal)
                    && !path.StartsWith("/v1/sessions", StringComparison.Ordinal)
                    && !path.StartsWith("/v1/operator", StringComparison.Ordinal);
                var parameters = call["parameters"]?.AsArray() ?? [];
                Assert.True(
                    movesMoney == parameters.Any(p => (string)p!["name"]! == "Idempotency-Key" && (bool)p["required"]!),
                    $"{operation} and its key"
                );
                var isOpen = operation is "SignUp" or "LogIn" or "RefreshSession" or "OperatorLogIn" or "JsonWebKeys";
                Assert.True(isOpen == (call["security"] is null), $"{operation} and its session");
                Assert.All(
                    call["responses"]!.AsObject().Where(answer => answer.Key[0] is '4' or '5'),
                    answer => Assert.NotEmpty(answer.Value!["content"]!["application/problem+json"]!["examples"]!.AsObject())
                );
            }
        }
    }

    [Fact]
    public void Every_example_is_what_the_code_reads_and_writes()
    {
        foreach (var (operation, call) in CallDescriptions.All)
        {
            Assert.Equal(Requests.ContainsKey(operation), call.Request is not null);
            if (call.Request is not null)
            {
                ShouldRoundTrip(call.Request, Requests[operation]);
            }
            if (call.Answer is not null && operation != "JsonWebKeys")
            {
                ShouldRoundTrip(call.Answer, Answers[operation]);
            }
        }
        Assert.True(
            HistoryCursor.TryParse(JsonDocument.Parse(Examples.Transactions).RootElement.GetProperty("nextCursor").GetString()!, out _)
        );
    }

    [Fact]
    public async Task The_page_that_shows_it_loads_nothing_from_elsewhere()
    {
        Assert.Equal("docs/", (await Bank.GetAsync("/docs")).ShouldBe(302).Header("Location"));
        var page = (await Bank.GetAsync("/docs/")).ShouldBe(200);
        Assert.Contains("default-src 'self'", page.Header("Content-Security-Policy")!, StringComparison.Ordinal);
        Assert.DoesNotContain("//", Outside().Replace(page.Text, ""), StringComparison.Ordinal);
        var scripts = Scripts().Matches(page.Text).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(["scalar.js", "scalar.aspnetcore.js"], scripts);
        foreach (var script in scripts)
        {
            var answer = (await Bank.GetAsync("/docs/" + script)).ShouldBe(200);
            Assert.Contains("javascript", answer.ContentType, StringComparison.Ordinal);
            Assert.NotEmpty(answer.Bytes);
        }
        foreach (var promise in new[] { "\"withDefaultFonts\":false", "\"telemetry\":false" })
        {
            Assert.Contains(promise, page.Text, StringComparison.Ordinal);
        }
    }

    private static void ShouldRoundTrip(string example, Type type)
    {
        // Optional fields of answers say so themselves; those of requests may simply be missing.
        var isRequest = type.Name.EndsWith("Body", StringComparison.Ordinal);
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            NumberHandling = JsonNumberHandling.Strict,
            PropertyNameCaseInsensitive = false,
            DefaultIgnoreCondition = isRequest ? JsonIgnoreCondition.WhenWritingNull : JsonIgnoreCondition.Never,
        };
        var read = JsonSerializer.Deserialize(example, type, options);
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(example), JsonSerializer.SerializeToNode(read, type, options)),
            $"{type.Name} reads and writes another example than {example}"
        );
    }

    [GeneratedRegex("<script[^>]* src=\"([^\"]+)\"")]
    private static partial Regex Scripts();

    /// <summary>Comments, and nothing else, may have slashes.</summary>
    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Outside();
}
