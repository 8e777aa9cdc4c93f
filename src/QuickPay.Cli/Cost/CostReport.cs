using System.Text.Json.Serialization;
using QuickPay.Cli.Aws;

namespace QuickPay.Cli.Cost;

/// <summary>What is asked.</summary>
/// <param name="Environment">The installation.</param>
/// <param name="Volume">Members and transfers.</param>
/// <param name="ServerCapacity">Transfers a second that one API server is trusted with; null: a cautious share of what was measured.</param>
/// <param name="Servers">API servers on average; null: as many as the volume needs.</param>
/// <param name="Reserved">A term, or null.</param>
/// <param name="Curve">Whether other volumes are reckoned, too.</param>
internal sealed record CostQuestion(
    string Environment,
    Volume Volume,
    decimal? ServerCapacity,
    long? Servers,
    string? Reserved,
    bool Curve
);

/// <summary>An item as people and programs read it, with the case study's amount for the same thing; 0 where only one of them has it.</summary>
internal sealed record CostItem(
    string Group,
    string Item,
    decimal Quantity,
    string Unit,
    decimal Price,
    PriceBasis Basis,
    string Source,
    string Date,
    string? Note,
    decimal Amount,
    decimal CaseStudy
);

/// <summary>What is saved by promising to pay for years, on what that applies to alone.</summary>
/// <param name="Term">1y or 3y.</param>
/// <param name="Share">Off the price.</param>
/// <param name="Basis">How well that is known.</param>
/// <param name="Note">What else to know.</param>
/// <param name="Saving">A month.</param>
/// <param name="Total">What is left to pay.</param>
/// <param name="CaseStudySaving">On its servers alone.</param>
/// <param name="CaseStudyTotal">Its bill less that.</param>
internal sealed record ReservedReport(
    string Term,
    decimal Share,
    PriceBasis Basis,
    string? Note,
    decimal Saving,
    decimal Total,
    decimal CaseStudySaving,
    decimal CaseStudyTotal
);

/// <summary>The answer of <c>./quickpay cost</c>.</summary>
internal sealed record CostReport(
    string Environment,
    string Region,
    string Currency,
    string PricesNote,
    long Members,
    long TransfersPerDay,
    long TransfersPerMonth,
    decimal AverageTps,
    decimal PeakTps,
    decimal ApiServers,
    IReadOnlyList<CostItem> Items,
    IReadOnlyList<CostItem> CaseStudyItems,
    IReadOnlyList<ComparedLine> Lines,
    decimal Total,
    decimal CaseStudyTotal,
    decimal PerMember,
    decimal PerTransfer,
    decimal PerMillionTransfers,
    ReservedReport? Reserved,
    IReadOnlyList<string> Notes,
    IReadOnlyList<Assumption> Assumptions,
    IReadOnlyList<CurvePoint>? Curve
)
{
    /// <exception cref="UnpricedException">There is something whose price nobody wrote down.</exception>
    public static CostReport Of(Templates templates, CostQuestion question, PriceBook book)
    {
        var volume = question.Volume;
        var sizing = Sizing.For(volume, question.ServerCapacity, question.Servers);
        var (usages, notes) = TemplateReader.UsagesOf(templates, sizing, book);
        var bill = Bill.Of(usages, book);
        return new(
            question.Environment,
            book.Region,
            book.Currency,
            book.Note,
            volume.Members,
            volume.TransfersPerDay,
            volume.TransfersPerMonth,
            decimal.Round(volume.AverageTps, 2),
            decimal.Round(volume.PeakTps, 2),
            Cost.Curve.Servers(bill),
            ItemsOf(bill),
            [.. CaseStudy.Bill.Items.Select(item => ItemOf(item, item.Amount))],
            Comparison.Of(bill, CaseStudy.Bill),
            bill.Total,
            CaseStudy.Bill.Total,
            decimal.Round(bill.Total / volume.Members, 6),
            decimal.Round(bill.Total / volume.TransfersPerMonth, 10),
            decimal.Round(bill.Total / volume.TransfersPerMonth * 1_000_000, 4),
            question.Reserved is { } term ? ReservedOf(bill, term, book) : null,
            notes,
            Cost.Assumptions.All,
            question.Curve ? Cost.Curve.Of(templates, volume, question.ServerCapacity, book) : null
        );
    }

    private static ReservedReport ReservedOf(Bill bill, string term, PriceBook book)
    {
        var discount = book.Reserved[term];
        var saving = bill.SavingWhenReserved(discount);
        var theirs = CaseStudy.Bill.SavingWhenReserved(discount);
        return new(term, discount.Share, discount.Basis, discount.Note, saving, bill.Total - saving, theirs, CaseStudy.Bill.Total - theirs);
    }

    /// <summary>What the case study has comes first in its line, in its order; what it alone has is nothing here.</summary>
    private static List<CostItem> ItemsOf(Bill bill)
    {
        var theirs = CaseStudy.Bill.Items.ToDictionary(item => (item.Usage.Group, item.Usage.Item));
        var order = theirs.Keys.ToList();
        var ours = bill.Items.Select(item => (item.Usage.Group, item.Usage.Item)).ToHashSet();
        return
        [
            .. bill
                .Items.Select(item => ItemOf(item, theirs.GetValueOrDefault((item.Usage.Group, item.Usage.Item))?.Amount ?? 0))
                .Concat(
                    theirs
                        .Where(item => !ours.Contains(item.Key))
                        .Select(item => ItemOf(item.Value with { Usage = item.Value.Usage with { Quantity = 0 } }, item.Value.Amount))
                )
                .OrderBy(item => Groups.OrderOf(item.Group))
                .ThenBy(item => order.IndexOf((item.Group, item.Item)) is var place and >= 0 ? place : order.Count),
        ];
    }

    private static CostItem ItemOf(BillItem item, decimal caseStudy) =>
        new(
            item.Usage.Group,
            item.Usage.Item,
            decimal.Round(item.Usage.Quantity, 6),
            item.Price.Unit,
            item.Price.Value,
            item.Price.Basis,
            item.Price.Source,
            item.Price.Date,
            item.Price.Note,
            item.Amount,
            caseStudy
        );
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(CostReport))]
internal sealed partial class CostReportJson : JsonSerializerContext;
