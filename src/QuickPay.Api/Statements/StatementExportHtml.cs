using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Api.Statements;

/// <summary>
/// For people, on paper: one page that needs nothing else and in which nothing runs. Its policy allows its own style sheet by the hash and
/// nothing more; it is in the page, too, since a saved page has no headers.
/// </summary>
internal sealed class StatementExportHtml(StatementExportWords words) : StatementExportFormat
{
    private const string Style = """
        body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;color:#111}
        h1{font-size:1.4rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}
        dd{margin:0}
        table{border-collapse:collapse;width:100%;font-size:.85rem}
        th,td{border-bottom:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top}
        th.n,td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        td{overflow-wrap:anywhere}
        small{color:#555;display:block}
        .idle td{color:#777}
        @media print{body{margin:0;max-width:none;font-size:10pt}thead{display:table-header-group}tr{break-inside:avoid}}
        @page{size:A4;margin:15mm}
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'";

    // Hangul may stay what it is; whatever means something in HTML is encoded all the same.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly TimeSpan Seoul = TimeSpan.FromHours(9);

    public override string ContentType => "text/html; charset=utf-8";

    public override string Extension => "html";

    public override void AddHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy + "; frame-ancestors 'none'; sandbox";
        headers.ContentLanguage = words.Language;
        headers.Vary = "Accept-Language";
    }

    public override void Begin(StringBuilder text, StatementFrame frame, StatementPeriod period)
    {
        text.Append(
            $"""
            <!DOCTYPE html>
            <html lang="{words.Language}">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Encoder.Encode(Policy)}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">
            <title>QuickPay {words.Title}</title>
            <style>{Style}</style>
            </head>
            <body>
            <h1>QuickPay {words.Title}</h1>
            <dl>
            <dt>{words.Account}</dt><dd>{Encoder.Encode(frame.AccountNumber)}</dd>
            <dt>{words.Currency}</dt><dd>{frame.Currency.Code()}</dd>
            <dt>{words.Period}</dt><dd>{At(period.From)} – {At(period.To)} ({words.Until})</dd>
            <dt>{words.MadeAt}</dt><dd>{At(frame.AsOf)}</dd>
            <dt>{words.Opening}</dt><dd>{Amount(frame.Opening, frame.Currency)}</dd>
            <dt>{words.Closing}</dt><dd>{Amount(frame.Closing, frame.Currency)}</dd>
            </dl>
            <p><small>{words.Zone} {words.CutNote}</small></p>
            <table>
            <thead><tr><th>{words.Time}</th><th>{words.Kind}</th><th>{words.Memo}</th><th>{words.Status}</th><th class="n">{words.Out}</th><th class="n">{words.In}</th><th class="n">{words.Balance}</th></tr></thead>
            <tbody>

            """
        );
    }

    public override void Row(StringBuilder text, HistoryItem item)
    {
        var amount = Amount(item.Amount, item.Currency);
        text.Append(item.Status == TransferStatus.Posted ? "<tr>" : "<tr class=\"idle\">")
            .Append("<td>")
            .Append(At(item.CreatedAt))
            .Append("</td><td>")
            .Append(words.Of(item.Kind))
            .Append("</td><td>")
            .Append(Encoder.Encode(item.Memo ?? ""))
            .Append("<small>")
            .Append(item.TransferId)
            .Append("</small></td><td>")
            .Append(words.Of(item.Status))
            .Append("</td><td class=\"n\">")
            .Append(item.Incoming ? "" : amount)
            .Append("</td><td class=\"n\">")
            .Append(item.Incoming ? amount : "")
            .Append("</td><td class=\"n\">")
            .Append(Amount(item.After.Balance, item.Currency))
            .Append("</td></tr>\n");
    }

    public override void End(StringBuilder text, StatementFrame frame, StatementPeriod period, StatementTotals totals) =>
        text.Append(
            $"""
            </tbody>
            </table>
            <dl>
            <dt>{words.Rows}</dt><dd>{totals.Rows.ToString("N0", CultureInfo.InvariantCulture)}</dd>
            <dt>{words.TotalOut}</dt><dd>{Amount(totals.Out, frame.Currency)}</dd>
            <dt>{words.TotalIn}</dt><dd>{Amount(totals.In, frame.Currency)}</dd>
            <dt>{words.Closing}</dt><dd>{Amount(frame.Closing, frame.Currency)}</dd>
            </dl>
            <p>{words.End}</p>
            </body>
            </html>

            """
        );

    private static string At(DateTime utc) => (utc + Seoul).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Amount(long minorUnits, Currency currency)
    {
        var unit = 1L;
        for (var digit = 0; digit < currency.Digits(); digit++)
        {
            unit *= 10;
        }
        var (whole, rest) = Math.DivRem(Math.Abs(minorUnits), unit);
        var sign = minorUnits < 0 ? "-" : "";
        var point = unit == 1 ? "" : "." + rest.ToString(CultureInfo.InvariantCulture).PadLeft(currency.Digits(), '0');
        return sign + whole.ToString("N0", CultureInfo.InvariantCulture) + point;
    }
}
