using System.Globalization;

namespace QuickPay.Cli.Cost;

/// <summary>A line of the bill beside the case study's.</summary>
/// <param name="Group">Its name.</param>
/// <param name="Amount">Ours.</param>
/// <param name="CaseStudy">Theirs; 0 when they have none.</param>
/// <param name="Difference">Ours less theirs.</param>
/// <param name="Why">What the difference is made of.</param>
internal sealed record ComparedLine(string Group, decimal Amount, decimal CaseStudy, decimal Difference, IReadOnlyList<Reason> Why);

/// <summary>A part of a difference.</summary>
internal sealed record Reason(string Text, decimal Amount);

/// <summary>Explains a bill by the case study's: each difference is another price, another quantity, or something that only one of them has.</summary>
internal static class Comparison
{
    /// <summary>What the figures alone do not tell.</summary>
    public static readonly IReadOnlyDictionary<string, string> Remarks = new Dictionary<string, string>
    {
        [Groups.Ec2] = "The case study's hourly price is that of us-east-1, and it has no disks and no workers.",
        [Groups.Rds] =
            "Multi-AZ is billed as two servers at the price of a single one, as in the case study, and not doubled again. Read replicas are promised there, and not in its bill.",
        [Groups.Firewall] = "$10.00 pay 10 million requests, against 150 million transfers; rules cost, too.",
        [Groups.CloudWatch] =
            "Its logs are not in the bill: every statement of the database and every request at the firewall is written down.",
        [Groups.XRay] =
            "3 million traces in the case study, so one transfer of fifty. Here it is the share of requests that servers are told to trace.",
        [Groups.Transfer] = "What goes from zone to zone is not in its bill.",
        [Groups.Network] = "Private subnets need a way out; none is in its bill.",
        [Groups.Keys] = "Encryption with keys of one's own is promised there, and not in its bill.",
        [Groups.SecondRegion] =
            "Promised there, and not in its bill: a replica with its standby, servers and a cache that wait, their network, and what is sent there.",
        [Groups.Audit] = "CloudTrail is promised there, and not in its bill; what it keeps is in S3.",
    };

    public static IReadOnlyList<ComparedLine> Of(Bill ours, Bill theirs) =>
        [
            .. Groups
                .All.Where(group => ours.Of(group) != 0 || theirs.Of(group) != 0)
                .Select(group => new ComparedLine(
                    group,
                    ours.Of(group),
                    theirs.Of(group),
                    ours.Of(group) - theirs.Of(group),
                    [.. Reasons(In(ours, group), In(theirs, group)).Where(reason => reason.Amount != 0)]
                )),
        ];

    private static Dictionary<string, BillItem> In(Bill bill, string group) =>
        bill.Items.Where(item => item.Usage.Group == group).ToDictionary(item => item.Usage.Item);

    private static IEnumerable<Reason> Reasons(Dictionary<string, BillItem> ours, Dictionary<string, BillItem> theirs)
    {
        foreach (var (name, item) in ours)
        {
            if (!theirs.TryGetValue(name, out var other))
            {
                yield return new($"{name}: not in the case study", item.Amount);
                continue;
            }
            var byPrice = Bill.ToCents(other.Usage.Quantity * item.Price.Value) - other.Amount;
            yield return new(
                $"{name}: {Figure(item.Price.Value)} instead of {Figure(other.Price.Value)} for each {item.Price.Unit}"
                    + (item.Usage.Price == other.Usage.Price ? "" : $" ({item.Usage.Price} instead of {other.Usage.Price})"),
                byPrice
            );
            yield return new(
                $"{name}: {Figure(item.Usage.Quantity)} instead of {Figure(other.Usage.Quantity)}",
                item.Amount - other.Amount - byPrice
            );
        }
        foreach (var (name, item) in theirs)
            if (!ours.ContainsKey(name))
                yield return new($"{name}: only in the case study", -item.Amount);
    }

    private static string Figure(decimal value) => value.ToString(value < 1 ? "0.########" : "#,0.##", CultureInfo.InvariantCulture);
}
