using System.Globalization;
using System.Text;
using QuickPay.Api.Transfers;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Api.Statements;

/// <summary>
/// RFC 4180, for spreadsheets and programs: every record has all columns, the first one is <c>opening</c>, the last one <c>closing</c>, without
/// which a file is not whole. Amounts are in minor units, as everywhere in this API. It begins with a byte order mark, without which Excel
/// takes Hangul for another character set.
/// </summary>
internal sealed class StatementExportCsv : StatementExportFormat
{
    private const string Time = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const string Head =
        "\uFEFFrecord,time,transfer_id,kind,status,direction,amount_minor_units,currency,balance_after_minor_units,counterparty_account_id,memo\r\n";

    // What spreadsheets take for the beginning of a formula; some of them the wide forms, too.
    private const string FormulaSigns = "=+-@＝＋－＠";

    public override string ContentType => "text/csv; charset=utf-8; header=present";

    public override string Extension => "csv";

    public override void AddHeaders(IHeaderDictionary headers) { }

    public override void Begin(StringBuilder text, StatementFrame frame, StatementPeriod period)
    {
        text.Append(Head);
        Balance(text, "opening", period.From, frame.Currency, frame.Opening, "");
    }

    public override void Row(StringBuilder text, HistoryItem item)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"entry,{At(item.CreatedAt)},{item.TransferId},{TransferWords.Of(item.Kind)},{TransferWords.Of(item.Status)},"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"{(item.Incoming ? "in" : "out")},{item.Amount},{item.Currency.Code()},{item.After.Balance},"
        );
        text.Append(CultureInfo.InvariantCulture, $"{(item.Incoming ? item.DebitAccount : item.CreditAccount)},");
        Memo(text, item.Memo);
        text.Append("\r\n");
    }

    public override void End(StringBuilder text, StatementFrame frame, StatementPeriod period, StatementTotals totals) =>
        Balance(
            text,
            "closing",
            period.To,
            frame.Currency,
            frame.Closing,
            string.Create(CultureInfo.InvariantCulture, $"rows={totals.Rows}; in={totals.In}; out={totals.Out}")
        );

    private static void Balance(StringBuilder text, string record, DateTime at, Currency currency, long balance, string totals) =>
        text.Append(CultureInfo.InvariantCulture, $"{record},{At(at)},,,,,,{currency.Code()},{balance},,{totals}\r\n");

    private static string At(DateTime utc) => utc.ToString(Time, CultureInfo.InvariantCulture);

    /// <summary>In quotes, and behind an apostrophe where a spreadsheet would compute it: others write memos, too.</summary>
    private static void Memo(StringBuilder text, string? memo)
    {
        if (string.IsNullOrEmpty(memo))
        {
            return;
        }
        var isFormula =
            memo[0] is '\t' or '\r' or '\n'
            || (memo.TrimStart() is [var first, ..] && FormulaSigns.Contains(first, StringComparison.Ordinal));
        text.Append('"').Append(isFormula ? "'" : "").Append(memo.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
