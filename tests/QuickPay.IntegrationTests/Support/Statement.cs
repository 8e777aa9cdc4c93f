using System.Globalization;

namespace QuickPay.IntegrationTests.Support;

/// <summary>One row of a statement.</summary>
internal sealed record StatementEntry(
    DateTimeOffset Time,
    Guid Id,
    string Kind,
    string Status,
    string Direction,
    long Amount,
    long BalanceAfter,
    Guid Counterparty,
    string Memo
);

/// <summary>A statement in CSV, read strictly: it has its head, its opening and its end, and adds up.</summary>
internal sealed class Statement
{
    private const string Columns =
        "record,time,transfer_id,kind,status,direction,amount_minor_units,currency,balance_after_minor_units,counterparty_account_id,memo";

    private Statement(long opening, long closing, List<StatementEntry> entries) =>
        (Opening, Closing, Entries) = (opening, closing, entries);

    public long Opening { get; }

    public long Closing { get; }

    public IReadOnlyList<StatementEntry> Entries { get; }

    public IEnumerable<Guid> Ids => Entries.Select(entry => entry.Id);

    public static string Path(ApiMember member, DateTimeOffset from, DateTimeOffset to, string more = "") =>
        $"/v1/accounts/{member.AccountId}/statement?from={At(from)}&to={At(to)}{more}";

    /// <summary>All that ever happened on the member's account.</summary>
    public static string WholePath(ApiMember member, string more = "")
    {
        var now = TimeProvider.System.GetUtcNow();
        return Path(member, now.AddYears(-1), now.AddYears(1), more);
    }

    public static Statement Parse(string text)
    {
        Assert.Equal('\uFEFF', text[0]);
        var records = CsvFile.Read(text[1..]);
        Assert.Equal(Columns.Split(','), records[0]);
        Assert.All(records, record => Assert.Equal(records[0].Length, record.Length));
        Assert.Equal(("opening", "closing"), (records[1][0], records[^1][0]));
        var entries = records[2..^1].Select(Entry).ToList();
        var statement = new Statement(Number(records[1][8]), Number(records[^1][8]), entries);
        var (incoming, outgoing) = (Moved("in"), Moved("out"));
        Assert.Equal($"rows={entries.Count}; in={incoming}; out={outgoing}", records[^1][10]);
        Assert.Equal(statement.Closing, statement.Opening + incoming - outgoing);
        return statement;

        long Moved(string direction) =>
            entries.Where(entry => entry.Status == "posted" && entry.Direction == direction).Sum(entry => entry.Amount);
    }

    private static StatementEntry Entry(string[] record)
    {
        Assert.Equal(("entry", "KRW"), (record[0], record[7]));
        return new StatementEntry(
            DateTimeOffset.Parse(record[1], CultureInfo.InvariantCulture),
            Guid.Parse(record[2]),
            record[3],
            record[4],
            record[5],
            Number(record[6]),
            Number(record[8]),
            Guid.Parse(record[9]),
            record[10]
        );
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static string At(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
