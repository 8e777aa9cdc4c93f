namespace QuickPay.Cli.Cost;

/// <summary>So much of something in a month.</summary>
/// <param name="Group">The line of the bill that it is in, one of <see cref="Groups"/>.</param>
/// <param name="Item">What it is there.</param>
/// <param name="Price">Name of its price.</param>
/// <param name="Quantity">In the price's unit.</param>
/// <param name="Reservable">How much of it is there all the time, so that it can be reserved.</param>
internal sealed record Usage(string Group, string Item, string Price, decimal Quantity, decimal Reservable = 0);

/// <summary>A usage with its price.</summary>
internal sealed record BillItem(Usage Usage, Price Price)
{
    /// <summary>Before rounding.</summary>
    public decimal Exact => Usage.Quantity * Price.Value;

    /// <summary>To the cent, half a cent up, as the case study has it.</summary>
    public decimal Amount => Bill.ToCents(Exact);
}

/// <summary>The lines of the case study's bill, in its order, and those that it has not.</summary>
internal static class Groups
{
    public const string Ec2 = "EC2";
    public const string Alb = "ALB";
    public const string Rds = "RDS";
    public const string Cache = "ElastiCache";
    public const string Firewall = "WAF";
    public const string CloudWatch = "CloudWatch";
    public const string XRay = "X-Ray";
    public const string Transfer = "Data transfer";
    public const string S3 = "S3";
    public const string Network = "NAT and endpoints";
    public const string Keys = "Keys and secrets";
    public const string Audit = "Audit";
    public const string Other = "Other";

    /// <summary>All that is there for it, of whatever kind, so that the other lines are those of one region, as the case study's are.</summary>
    public const string SecondRegion = "Second region";

    public static IReadOnlyList<string> All { get; } =
    [Ec2, Alb, Rds, Cache, Firewall, CloudWatch, XRay, Transfer, S3, Network, Keys, Audit, Other, SecondRegion];

    public static int OrderOf(string group) => All.ToList().IndexOf(group);
}

/// <summary>What a month costs.</summary>
internal sealed class Bill
{
    private Bill(IReadOnlyList<BillItem> items) => Items = items;

    public IReadOnlyList<BillItem> Items { get; }

    /// <summary>The sum of the rounded amounts, so that the lines add up to it.</summary>
    public decimal Total => Items.Sum(item => item.Amount);

    public decimal Of(string group) => Items.Where(item => item.Usage.Group == group).Sum(item => item.Amount);

    /// <summary>Usages of the same item are one item.</summary>
    /// <exception cref="UnpricedException">The book has no price of that name.</exception>
    public static Bill Of(IEnumerable<Usage> usages, PriceBook book) =>
        new([
            .. usages
                .GroupBy(usage => (usage.Group, usage.Item, usage.Price))
                .Select(same => new BillItem(
                    same.First() with
                    {
                        Quantity = same.Sum(usage => usage.Quantity),
                        Reservable = same.Sum(usage => usage.Reservable),
                    },
                    book.Find(same.Key.Price)
                        ?? throw new UnpricedException(
                            $"{same.Key.Group}, {same.Key.Item}: there is no price of {same.Key.Price} in {book.Region}."
                        )
                ))
                .OrderBy(item => Groups.OrderOf(item.Usage.Group))
                // The second region's, by what they would be in the first.
                .ThenBy(item => Groups.OrderOf(item.Usage.Item.Split(':')[0])),
        ]);

    /// <summary>What is saved when everything that is always there is reserved. What is stored, sent or asked for is never reserved.</summary>
    public decimal SavingWhenReserved(ReservedDiscount discount) =>
        ToCents(Items.Sum(item => item.Usage.Reservable * item.Price.Value) * discount.Share);

    public static decimal ToCents(decimal amount) => decimal.Round(amount, 2, MidpointRounding.AwayFromZero);
}

/// <summary>Something costs and nobody said how much: a sum without it would be wrong.</summary>
internal sealed class UnpricedException(string message) : Exception(message);
