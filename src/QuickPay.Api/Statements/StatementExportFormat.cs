using System.Text;
using QuickPay.Transfers;

namespace QuickPay.Api.Statements;

/// <summary>What a statement's rows come to, in minor units. What is pending, or was cancelled, moves nothing.</summary>
internal readonly record struct StatementTotals(long Rows, long In, long Out)
{
    public StatementTotals And(HistoryItem item)
    {
        var moved = item.Status == TransferStatus.Posted ? item.Amount : 0;
        return checked(new StatementTotals(Rows + 1, In + (item.Incoming ? moved : 0), Out + (item.Incoming ? 0 : moved)));
    }
}

/// <summary>How a statement is written, a row at a time.</summary>
internal abstract class StatementExportFormat
{
    public abstract string ContentType { get; }

    /// <summary>Of the file, without a dot.</summary>
    public abstract string Extension { get; }

    /// <summary>Headers beside those that every statement has.</summary>
    public abstract void AddHeaders(IHeaderDictionary headers);

    public abstract void Begin(StringBuilder text, StatementFrame frame, StatementPeriod period);

    public abstract void Row(StringBuilder text, HistoryItem item);

    /// <summary>What tells a whole statement from one that was cut off.</summary>
    public abstract void End(StringBuilder text, StatementFrame frame, StatementPeriod period, StatementTotals totals);
}
