namespace QuickPay.Cli.Cost;

/// <summary>A figure that no template holds.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what.</param>
/// <param name="Why">Where it is from.</param>
internal sealed record Assumption(string Name, decimal Value, string Unit, string Why);

/// <summary>All of them. Those "of the case study" are its amounts divided by its prices, over its 150 million transfers.</summary>
internal static class Assumptions
{
    private const decimal Million = 1_000_000;

    public static readonly Assumption HoursAMonth = new("hours a month", 730, "h", "As the case study and AWS's own calculator reckon.");

    public static readonly Assumption PeakToAverage = new(
        "busiest second against the average",
        2_000m * 86_400 / 5_000_000,
        "×",
        "The case study's peak of 2,000 a second, against 5 million a day (58 a second)."
    );

    public static readonly Assumption MeasuredTps = new(
        "transfers a second through the API",
        19_448,
        "/s",
        "docs/benchmarks.md: closed loop, 512 connections, on two cores that also ran PostgreSQL, Redis and the load."
    );

    public static readonly Assumption ServerShare = new(
        "share of it for one API server",
        0.05m,
        "",
        "A t3.medium has two threads of one core and may use a fifth of each for good (0.1 of what was measured); half of that is left for reads, logins and small batches."
    );

    public static readonly Assumption DatabaseShare = new(
        "share of it for one r5.large of PostgreSQL",
        0.25m,
        "",
        "One core with two threads instead of two cores, and half of it kept free; larger servers in proportion."
    );

    public static readonly Assumption SpareForAZone = new(
        "servers against those needed",
        1.5m,
        "×",
        "With one of three zones gone, the other two carry the peak. At the case study's volume that makes its 5 (2 + 2 + 1)."
    );

    public static readonly Assumption AgainstOneTransaction = new(
        "batches against one transaction a request, in the database",
        17_683m / 4_595,
        "×",
        "docs/benchmarks.md, --compare: QuickPay 17,683/s, pgbench with the same statements 4,595/s, in the same call."
    );

    public static readonly Assumption AgainstExpress = new(
        "QuickPay against the case study's stack, whole",
        17_683m / 971,
        "×",
        "docs/benchmarks.md, --compare: QuickPay 17,683/s, Express with PostgreSQL and Redis 971/s, in the same call."
    );

    public static readonly Assumption RequestsPerTransfer = new(
        "requests for each transfer",
        3,
        "",
        "Who pays looks at the balance, pays, and looks at the history."
    );

    public static readonly Assumption LcuHours = new(
        "LCU hours a million transfers",
        CaseStudy.LcuHours / CaseStudy.Transfers * Million,
        "LCU-h",
        "Of the case study: $24.00 at $0.008 are 3,000 LCU hours."
    );

    public static readonly Assumption OutBytes = new(
        "to members, for each transfer",
        CaseStudy.TransferredGb / CaseStudy.Transfers * Million * 1_000,
        "bytes",
        "Of the case study: $50.00 at $0.126 are 397 GB."
    );

    public static readonly Assumption ArchiveBytes = new(
        "kept in S3, for each transfer of a month",
        CaseStudy.StoredGb / CaseStudy.Transfers * Million * 1_000,
        "bytes",
        "Of the case study: $30.00 at $0.025 are 1,200 GB."
    );

    public static readonly Assumption BackupGb = new(
        "database backups above the free share, at the case study's volume",
        CaseStudy.BackupGb,
        "GB",
        "The case study's, in proportion to transfers. Up to the size of the database they are free."
    );

    public static readonly Assumption TracesLookedAt = new(
        "share of traces that are looked at",
        0.1m,
        "",
        "A guess; $0.15 at the case study's volume."
    );

    public static readonly Assumption CustomMetrics = new(
        "metrics of our own",
        CaseStudy.Metrics,
        "",
        "Of the case study: what is left of its $20.00 beside one dashboard and 20 alarms."
    );

    public static readonly Assumption DetailedMetrics = new("metrics of a server with detailed monitoring", 7, "", "Those of EC2.");

    public static readonly Assumption FirewallLogBytes = new(
        "log line of the firewall for a request",
        1_500,
        "bytes",
        "JSON with all headers. Without a filter every request is logged; with one that drops by default, blocked ones alone."
    );

    public static readonly Assumption BlockedShare = new("share of requests that are blocked", 0.01m, "", "A guess.");

    public static readonly Assumption AuditBytes = new(
        "audit lines of the database for a transfer",
        2_000,
        "bytes",
        "pgaudit writes each statement of a batch (about five, 600 bytes each); at 58 a second a batch holds one or two transfers. Not measured."
    );

    public static readonly Assumption AuditReadBytes = new(
        "audit lines of what is read, for a transfer",
        3_000,
        "bytes",
        "Five reads that the caches do not answer, 600 bytes each, where pgaudit writes reads as well. Not measured."
    );

    public static readonly Assumption FlowLogBytes = new(
        "flow log lines for a request",
        50,
        "bytes",
        "About 120 bytes for each direction of a connection, which carries five requests. Not measured."
    );

    public static readonly Assumption ServiceLogGb = new(
        "log of a server a month",
        1,
        "GB",
        "Our hosts write no line for each request (LogRequests is off)."
    );

    public static readonly Assumption MonitoringLogGb = new(
        "enhanced monitoring of a database server a month",
        0.5m,
        "GB",
        "At one sample a minute."
    );

    public static readonly Assumption LogsKeptShare = new(
        "kept size of a log against what came in",
        0.15m,
        "",
        "CloudWatch keeps logs packed."
    );

    public static readonly Assumption AccessLogBytes = new(
        "access log line of the load balancer, packed",
        100,
        "bytes",
        "Kept for the days of its bucket."
    );

    public static readonly Assumption ZoneBytes = new(
        "between API, PostgreSQL and Redis, for each transfer",
        10_000,
        "bytes",
        "With the reads around it; two thirds of it cross a zone. Between standbys and replicas of a region it is free."
    );

    public static readonly Assumption RegionBytes = new(
        "of the database's log to another region, for each transfer",
        5_995,
        "bytes",
        "docs/benchmarks.md: with 150 million keys."
    );

    public static readonly Assumption NatGb = new(
        "through the gateways for a server a month",
        10,
        "GB",
        "Packages of the system, metrics and traces; the rest has endpoints."
    );

    public static readonly Assumption ActiveShare = new("members with a session at the busiest time", 0.1m, "", "A guess.");

    public static readonly Assumption CacheBytes = new(
        "in Redis for such a member",
        10_000,
        "bytes",
        "Session, balance and first pages; three quarters of a node's 13.07 GiB are used."
    );

    public static readonly Assumption KmsCallsPerMember = new(
        "calls of KMS for a member a month",
        1,
        "",
        "Keys of personal data are kept in memory."
    );

    public static readonly Assumption SecretCalls = new("calls for secrets a month", 10_000, "", "Servers ask when they start.");

    public static readonly Assumption FunctionRuns = new("runs of a Lambda function a month", 31, "", "Once a day, or at each deployment.");

    public static readonly Assumption FunctionSeconds = new("seconds of a run", 10, "s", "A guess; less than a cent.");

    public static readonly Assumption StateTransitions = new(
        "steps of a state machine a month",
        1_000,
        "",
        "Restore tests and switch-overs are rare."
    );

    public static readonly Assumption DataEvents = new(
        "data events of a trail a month",
        1_000_000,
        "",
        "Reads and writes of the buckets that it watches."
    );

    public static readonly Assumption TrailBytes = new(
        "of the trail's files for each data event, management events among them",
        500,
        "bytes",
        "A guess: some 1,500 of JSON, packed with few others in a file."
    );

    public static readonly Assumption ConfigItems = new(
        "changes that AWS Config records a month",
        1_000,
        "",
        "And as many evaluations of each rule."
    );

    /// <summary>All, for people to read.</summary>
    public static IReadOnlyList<Assumption> All { get; } =
    [
        HoursAMonth,
        PeakToAverage,
        MeasuredTps,
        ServerShare,
        DatabaseShare,
        SpareForAZone,
        AgainstOneTransaction,
        AgainstExpress,
        RequestsPerTransfer,
        LcuHours,
        OutBytes,
        ArchiveBytes,
        BackupGb,
        TracesLookedAt,
        CustomMetrics,
        DetailedMetrics,
        FirewallLogBytes,
        BlockedShare,
        AuditBytes,
        AuditReadBytes,
        FlowLogBytes,
        ServiceLogGb,
        MonitoringLogGb,
        LogsKeptShare,
        AccessLogBytes,
        ZoneBytes,
        RegionBytes,
        NatGb,
        ActiveShare,
        CacheBytes,
        KmsCallsPerMember,
        SecretCalls,
        FunctionRuns,
        FunctionSeconds,
        StateTransitions,
        DataEvents,
        TrailBytes,
        ConfigItems,
    ];
}
