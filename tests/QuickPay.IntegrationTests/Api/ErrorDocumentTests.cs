using System.Text;
using QuickPay.Api;
using QuickPay.Hosting;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>docs/errors.md is made from the table of problems.</summary>
public sealed class ErrorDocumentTests
{
    [Fact]
    public Task The_list_of_errors_is_the_checked_in_one() => CheckedInText.ShouldBeAsync("docs/errors.md", Document());

    [Fact]
    public void Codes_are_unique_lower_case_words_and_every_kind_says_what_it_is_and_what_to_do()
    {
        var kinds = Enum.GetValues<ProblemCode>().Select(Problems.Kind).ToList();
        Assert.Equal(kinds.Count, kinds.Select(kind => kind.Code).Distinct().Count());
        Assert.All(
            kinds,
            kind =>
            {
                Assert.Matches("^[a-z]+(_[a-z]+)*$", kind.Code);
                Assert.EndsWith(".", kind.Title, StringComparison.Ordinal);
                Assert.EndsWith(".", kind.Advice, StringComparison.Ordinal);
                Assert.InRange(kind.Status, 400, 503);
                Assert.True(kind.Status is not (429 or 503) || kind.RetryAfterSeconds > 0, $"{kind.Code} does not say when to come back");
            }
        );
    }

    private static string Document()
    {
        var text = new StringBuilder(
            """
            # Errors

            Every error is `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `detail`, `code`, `instance` and `traceId`.
            Clients switch on `code`, which is stable; the texts are for people and may change. Where waiting helps, `Retry-After` says how
            many seconds.

            `invalid_request` names every field that is wrong in `errors`, `limit_exceeded` says in `limit` which limit it was (`perTransfer`,
            `perDay`, `walletCap`) and in `remaining` what is left of it, in minor units. `rate_limited` says in `limit` which of the
            [rate limits](concepts/rate-limits.md) it was.

            Sending the same request again with the same `Idempotency-Key` is always safe. Refusals of the ledger (422, 404
            `account_not_found` of a sender, and 400 for an `expiresAt` that was past when the hold was decided) are stored under the key and
            come back for it; the others are not, so that the same key works once their cause is gone.

            | status | code | what it means | what to do | Retry-After |
            |---|---|---|---|---|

            """
        );
        foreach (
            var kind in Enum.GetValues<ProblemCode>()
                .Select(Problems.Kind)
                .OrderBy(kind => kind.Status)
                .ThenBy(kind => kind.Code, StringComparer.Ordinal)
        )
        {
            text.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"| {kind.Status} | `{kind.Code}` | {kind.Title} | {kind.Advice} | {(kind.RetryAfterSeconds > 0 ? "yes" : "")} |\n"
            );
        }
        text.Append("\n<!-- Made from src/QuickPay.Hosting/Problems.cs: QUICKPAY_WRITE_DOCS=1 ./quickpay test checked_in -->\n");
        return text.ToString();
    }
}
