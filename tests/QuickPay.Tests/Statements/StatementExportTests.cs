using System.Text;
using QuickPay.Api.Statements;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Tests.Statements;

/// <summary>How rows of statements are written.</summary>
public sealed class StatementExportTests
{
    private static readonly DateTime Noon = new(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc);

    private static readonly StatementFrame Dollars = new(
        Guid.Empty,
        "010000000016",
        Currency.USD,
        AccountVersion: 1,
        First: 1,
        End: 2,
        Opening: 5,
        Closing: 123_456,
        Noon,
        Timeline: 1,
        Lsn: 1
    );

    /// <summary>A spreadsheet computes what begins so, whoever wrote it.</summary>
    [Theory]
    [InlineData("=HYPERLINK(\"http://evil.example\")", "\"'=HYPERLINK(\"\"http://evil.example\"\")\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("  =1", "\"'  =1\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("＝1", "\"'＝1\"")]
    [InlineData("＋1", "\"'＋1\"")]
    [InlineData("점심 = 1", "\"점심 = 1\"")]
    [InlineData("a,b\r\n\"c\"", "\"a,b\r\n\"\"c\"\"\"")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void A_memo_is_quoted_and_never_a_formula(string? memo, string written)
    {
        var text = new StringBuilder();

        new StatementExportCsv().Row(text, Item(memo));

        Assert.EndsWith($",{Guid.Empty},{written}\r\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void People_read_amounts_with_the_currency_s_digits_and_the_time_in_Seoul()
    {
        var text = new StringBuilder();
        var html = new StatementExportHtml(StatementExportWords.English);

        html.Begin(text, Dollars, new StatementPeriod(Noon, Noon.AddDays(1)));
        html.Row(text, Item("lunch"));

        foreach (
            var part in (string[])
                ["<dd>0.05</dd>", "<dd>1,234.56</dd>", ">1.00</td>", "2026-11-22 21:00:00 – 2026-11-23 21:00:00", "lunch<small>"]
        )
        {
            Assert.Contains(part, text.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_what_is_posted_counts()
    {
        var totals = new StatementTotals().And(Item("")).And(Item("") with { Incoming = true, Amount = 7 });
        foreach (var status in (TransferStatus[])[TransferStatus.Pending, TransferStatus.Cancelled, TransferStatus.Expired])
        {
            totals = totals.And(Item("") with { Status = status });
        }

        Assert.Equal(new StatementTotals(Rows: 5, In: 7, Out: 100), totals);
    }

    private static HistoryItem Item(string? memo) =>
        new(
            Guid.Empty,
            TransferKind.Transfer,
            TransferStatus.Posted,
            Incoming: false,
            Guid.Empty,
            Guid.Empty,
            Amount: 100,
            Currency.USD,
            memo,
            Noon,
            null,
            new SideAfter(123_456, 0, 1)
        );
}
