using System.Globalization;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Cost;

/// <summary>What a number of members costs.</summary>
/// <param name="Members">People with a wallet.</param>
/// <param name="TransfersPerDay">In the proportion that was asked for.</param>
/// <param name="PeakTps">Transfers in the busiest second.</param>
/// <param name="ApiServers">Those billed.</param>
/// <param name="Database">Type of the primary, with its number when one is not enough.</param>
/// <param name="Groups">Amounts of the bill's lines.</param>
/// <param name="Total">Their sum.</param>
/// <param name="PerMember">A month.</param>
/// <param name="PerMillionTransfers">Of them.</param>
/// <param name="SavedByBatches">Less than with one transaction a request, which needs a larger database.</param>
/// <param name="SavedAgainstExpress">Less than with the case study's stack, which needs more API servers as well.</param>
internal sealed record CurvePoint(
    long Members,
    long TransfersPerDay,
    decimal PeakTps,
    decimal ApiServers,
    string Database,
    IReadOnlyDictionary<string, decimal> Groups,
    decimal Total,
    decimal PerMember,
    decimal PerMillionTransfers,
    decimal SavedByBatches,
    decimal SavedAgainstExpress
);

/// <summary>From ten thousand members to a hundred million.</summary>
internal static class Curve
{
    private static readonly long[] Members = [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    /// <param name="templates">What is installed.</param>
    /// <param name="ratio">Whose transfers for each member are kept.</param>
    /// <param name="serverCapacity">Transfers a second that one API server is trusted with.</param>
    /// <param name="book">What things cost.</param>
    public static IReadOnlyList<CurvePoint> Of(Templates templates, Volume ratio, decimal? serverCapacity, PriceBook book) =>
        [.. Members.Select(members => Point(templates, At(members, ratio), serverCapacity ?? Sizing.ServerCapacity, book))];

    /// <summary>API servers that a bill has.</summary>
    public static decimal Servers(Bill bill) =>
        Find(bill, Items.ApiServers) is { } servers ? servers.Usage.Quantity / TemplateReader.Hours : 0;

    private static Volume At(long members, Volume ratio)
    {
        var transfers = Math.Max(1, decimal.Round(members * (decimal)ratio.TransfersPerDay / ratio.Members));
        return transfers <= Volume.TransfersPerDayMax
            ? new(members, (long)transfers)
            : throw new LocalException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"--curve: at {ratio.TransfersPerDay} transfers a day for {ratio.Members} members, {members} members would make more than "
                        + $"{Volume.TransfersPerDayMax} a day."
                )
            );
    }

    private static CurvePoint Point(Templates templates, Volume volume, decimal serverCapacity, PriceBook book)
    {
        Bill With(decimal capacity, decimal relief) =>
            Bill.Of(TemplateReader.UsagesOf(templates, Sizing.For(volume, capacity, databaseRelief: relief), book).Usages, book);

        var perRequest = 1 / Assumptions.AgainstOneTransaction.Value;
        var ours = With(serverCapacity, 1);
        var oneTransaction = With(serverCapacity, perRequest);
        var express = With(serverCapacity / Assumptions.AgainstExpress.Value, perRequest);
        return new(
            volume.Members,
            volume.TransfersPerDay,
            decimal.Round(volume.PeakTps, 1),
            Servers(ours),
            DatabaseOf(ours),
            Groups.All.ToDictionary(group => group, ours.Of),
            ours.Total,
            decimal.Round(ours.Total / volume.Members, 6),
            decimal.Round(ours.Total / volume.TransfersPerMonth * 1_000_000, 4),
            oneTransaction.Total - ours.Total,
            express.Total - ours.Total
        );
    }

    private static string DatabaseOf(Bill bill)
    {
        if (Find(bill, Items.Database) is not { } database)
            return "none";
        var type = database.Usage.Price["rds.".Length..];
        var servers = database.Usage.Quantity / TemplateReader.Hours;
        return servers > 2 ? $"{servers / 2:0.#} × {type}" : type;
    }

    private static BillItem? Find(Bill bill, string item) => bill.Items.FirstOrDefault(one => one.Usage.Item == item);
}
