using System.Text;
using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class AnswerJudgeTests
{
    private const string Transfer = """{"id":"0199f5a0-1234-7abc-8def-0123456789ab","status":"posted"}""";
    private const string Balance = """{"balance":5,"available":5,"held":0,"currency":"KRW","version":7,"asOf":"2026-01-01T00:00:00Z"}""";
    private const string Page =
        """{"items":[{"id":"x","balanceAfter":{"balance":5,"version":7}},{"id":"y","balanceAfter":{"balance":4,"version":6}}]}""";

    [Theory]
    [InlineData("Transfer", 201, Transfer, "Good")]
    [InlineData("Transfer", 201, "{}", "Unknown")]
    [InlineData("Transfer", 422, "{}", "Refused")]
    [InlineData("Transfer", 409, "{}", "Unknown")]
    [InlineData("Transfer", 503, """{"code":"overloaded"}""", "Refused")]
    [InlineData("Transfer", 503, """{"code":"outcome_unknown"}""", "Unknown")]
    [InlineData("Balance", 200, Balance, "Good")]
    [InlineData("Balance", 404, "{}", "Wrong")]
    [InlineData("Balance", 500, "", "Wrong")]
    [InlineData("Balance", 503, "{}", "Refused")]
    [InlineData("FirstPage", 200, Page, "Good")]
    [InlineData("DeeperPage", 200, Page, "Good")]
    [InlineData("DeeperPage", 400, "{}", "Wrong")]
    [InlineData("Rates", 200, "{}", "Good")]
    [InlineData("Empty", 400, "{}", "Good")]
    [InlineData("Empty", 401, "{}", "Wrong")]
    public void An_answer_is_judged_by_what_was_asked(string kind, int status, string body, string verdict) =>
        Assert.Equal(verdict, Judge(kind, floor: 0, status, body));

    [Theory]
    [InlineData("Balance", Balance, 7, "Good")]
    [InlineData("Balance", Balance, 8, "Wrong")]
    [InlineData("FirstPage", Page, 7, "Good")]
    [InlineData("FirstPage", Page, 8, "Wrong")]
    [InlineData("FirstPage", """{"items":[],"nextCursor":null}""", 1, "Wrong")]
    [InlineData("FirstPage", """{"items":[],"nextCursor":null}""", 0, "Good")]
    [InlineData("DeeperPage", Page, 50, "Good")] // older rows, and nothing else
    public void Less_than_the_client_has_seen_is_wrong(string kind, string body, long floor, string verdict) =>
        Assert.Equal(verdict, Judge(kind, floor, 200, body));

    private static string Judge(string kind, long floor, int status, string body) =>
        AnswerJudge
            .Of(
                new LoadRequest(Enum.Parse<RequestKind>(kind), new TransferRequest(0, 6, 7, 5)),
                floor,
                status,
                Encoding.UTF8.GetBytes(body),
                out _
            )
            .ToString();
}
