namespace QuickPay.Cli.Cost;

/// <summary>
/// The case study's own bill from its own quantities and prices. Where it gives an amount alone, the quantity is that amount over a price, and
/// says what the amount would pay for.
/// </summary>
internal static class CaseStudy
{
    private const decimal Hours = 730;
    private const decimal ServersOnAverage = 5;
    private const decimal DatabaseServers = 2;
    private const decimal StorageGb = 500;
    private const decimal CacheReplicas = 2;
    private const decimal Dashboards = 1;
    private const decimal Alarms = 20;

    /// <summary>A month's.</summary>
    public const decimal Transfers = 150_000_000;

    public const decimal BackupGb = 200;

    /// <summary>A split of CloudWatch's $20.00: a dashboard, 20 alarms, and so many metrics. The case study has the sum alone.</summary>
    public const decimal Metrics = 50;

    /// <summary>What is printed there.</summary>
    public const decimal PrintedTotal = 1_195.39m;

    /// <summary>The three lines that it would reserve, in whole.</summary>
    public static IReadOnlyList<string> ReservedGroups { get; } = [Groups.Ec2, Groups.Rds, Groups.Cache];

    public static decimal LcuHours => 24.00m / Price("alb.lcu");

    public static decimal Requests => 10.00m / Price("waf.million-requests") * 1_000_000;

    public static decimal Traces => 15.00m / Price("xray.million-recorded") * 1_000_000;

    public static decimal TransferredGb => 50.00m / Price("transfer.out");

    public static decimal StoredGb => 30.00m / Price("s3.standard");

    public static Bill Bill { get; } = Bill.Of(Usages(), PriceBook.OfTheCaseStudy);

    /// <summary>As it reckons: the share off each of three whole lines, each to the cent.</summary>
    public static decimal SavingOfWholeLines(ReservedDiscount discount) =>
        ReservedGroups.Sum(group => Bill.Of(group) - Bill.ToCents(Bill.Of(group) * (1 - discount.Share)));

    private static IEnumerable<Usage> Usages() =>
        [
            new(Groups.Ec2, Items.ApiServers, "ec2.t3.medium", ServersOnAverage * Hours, ServersOnAverage * Hours),
            new(Groups.Alb, Items.LoadBalancer, "alb.hour", Hours),
            new(Groups.Alb, Items.Lcu, "alb.lcu", LcuHours),
            new(Groups.Rds, Items.Database, "rds.db.r5.large", DatabaseServers * Hours, DatabaseServers * Hours),
            new(Groups.Rds, Items.Storage, "rds.gp3", DatabaseServers * StorageGb),
            new(Groups.Rds, Items.Backups, "rds.backup", BackupGb),
            new(Groups.Cache, Items.Primary, "cache.r5.large", Hours, Hours),
            new(Groups.Cache, Items.CacheReplicas, "cache.r5.large", CacheReplicas * Hours, CacheReplicas * Hours),
            new(Groups.Firewall, Items.Acl, "waf.acl", 1),
            new(Groups.Firewall, Items.Requests, "waf.million-requests", Requests / 1_000_000),
            new(Groups.CloudWatch, Items.Dashboards, "cloudwatch.dashboard", Dashboards),
            new(Groups.CloudWatch, Items.Metrics, "cloudwatch.metric", Metrics),
            new(Groups.CloudWatch, Items.Alarms, "cloudwatch.alarm", Alarms),
            new(Groups.XRay, Items.Recorded, "xray.million-recorded", Traces / 1_000_000),
            new(Groups.Transfer, Items.Out, "transfer.out", TransferredGb),
            new(Groups.S3, Items.Archive, "s3.standard", StoredGb),
        ];

    private static decimal Price(string name) => PriceBook.OfTheCaseStudy.Prices[name].Value;
}

/// <summary>Items that the case study's bill and ours both have: the same name is the same thing.</summary>
internal static class Items
{
    public const string ApiServers = "API servers on average";
    public const string LoadBalancer = "load balancer";
    public const string Lcu = "its load";
    public const string Database = "primary and standby";
    public const string Storage = "their storage";
    public const string Backups = "backups";
    public const string Primary = "primary";
    public const string CacheReplicas = "replicas";
    public const string Acl = "firewall";
    public const string Requests = "requests";
    public const string Dashboards = "dashboards";
    public const string Metrics = "metrics of our own";
    public const string Alarms = "alarms";
    public const string Recorded = "traces";
    public const string Out = "to members";
    public const string Archive = "backups and archive";
}
