using System.Text.Json;
using QuickPay.Cli.Aws;

namespace QuickPay.Cli.Cost;

/// <summary>What members cause and no template tells: requests, traces, bytes. Only of things that the template has.</summary>
internal static class VolumeUsages
{
    public const decimal BytesPerGb = 1_000_000_000;
    private const decimal Million = 1_000_000;
    private const decimal DaysForEver = 7 * 365;
    public const string OfServers = "logs of servers";

    /// <param name="reader">What there is.</param>
    /// <param name="read">What its resources were read as.</param>
    public static IEnumerable<Usage> Of(TemplateReader reader, IReadOnlyList<Usage> read)
    {
        var transfers = (decimal)reader.Volume.TransfersPerMonth;
        var requests = transfers * Assumptions.RequestsPerTransfer.Value;
        List<Usage> usages =
        [
            .. AtTheEdge(reader, transfers, requests),
            .. Stored(reader, transfers, requests),
            .. Inside(reader, transfers),
        ];
        var logs = Logs(reader, transfers, requests).ToList();
        usages.AddRange(logs);
        var written = logs.Concat(read).Where(usage => usage.Price == "logs.gb").Sum(usage => usage.Quantity);
        usages.Add(
            new(
                Groups.CloudWatch,
                "logs that are kept",
                "logs.kept",
                written * Assumptions.LogsKeptShare.Value * DaysKept(reader) / Volume.DaysAMonth
            )
        );
        // Servers write their logs through one; what AWS's own services write does not pass our network.
        if (read.Any(usage => usage.Price == "endpoint.hour"))
            usages.Add(
                new(
                    Groups.Network,
                    "through private endpoints",
                    "endpoint.gb",
                    logs.Where(log => log.Item == OfServers).Sum(log => log.Quantity)
                )
            );
        return usages;
    }

    /// <summary>Where members' requests come in.</summary>
    private static IEnumerable<Resource> OfTheFirstRegion(TemplateReader reader, string type) =>
        reader.Templates.OfType(type).Where(resource => !SecondRegion.Has(resource));

    private static IEnumerable<Usage> AtTheEdge(TemplateReader reader, decimal transfers, decimal requests)
    {
        if (reader.Has("AWS::ElasticLoadBalancingV2::LoadBalancer"))
        {
            yield return new(Groups.Alb, Items.Lcu, "alb.lcu", transfers / Million * Assumptions.LcuHours.Value);
            yield return new(Groups.Transfer, Items.Out, "transfer.out", transfers * Assumptions.OutBytes.Value / BytesPerGb);
        }
        if (reader.Has("AWS::WAFv2::WebACL"))
            yield return new(Groups.Firewall, Items.Requests, "waf.million-requests", requests / Million);
    }

    private static IEnumerable<Usage> Inside(TemplateReader reader, decimal transfers)
    {
        var servers = ServerUsages.CountOf(reader);
        if (servers == 0)
            yield break;
        if (reader.Has("AWS::EC2::NatGateway"))
            yield return new(Groups.Network, "through NAT gateways", "nat.gb", servers * Assumptions.NatGb.Value);
        if (reader.Has("AWS::RDS::DBInstance"))
            // Two of three zones are another, and both sides pay.
            yield return new(
                Groups.Transfer,
                "between zones",
                "transfer.zones",
                decimal.Round(transfers * Assumptions.ZoneBytes.Value / BytesPerGb * 2 / 3 * 2, 6)
            );
        yield return new(Groups.CloudWatch, Items.Metrics, "cloudwatch.metric", Assumptions.CustomMetrics.Value);
        if (reader.Has("AWS::KMS::Key"))
            yield return new(
                Groups.Keys,
                "calls of keys",
                "kms.ten-thousand-requests",
                reader.Volume.Members * Assumptions.KmsCallsPerMember.Value / 10_000
            );
        if (reader.Has("AWS::SecretsManager::Secret"))
            yield return new(Groups.Keys, "calls for secrets", "secrets.ten-thousand-calls", Assumptions.SecretCalls.Value / 10_000);
        if (transfers * Assumptions.RequestsPerTransfer.Value * Traces.ShareOf(reader) is > 0 and var traces)
        {
            yield return new(Groups.XRay, Items.Recorded, "xray.million-recorded", traces / Million);
            yield return new(
                Groups.XRay,
                "traces that are looked at",
                "xray.million-retrieved",
                traces * Assumptions.TracesLookedAt.Value / Million
            );
        }
    }

    private static IEnumerable<Usage> Stored(TemplateReader reader, decimal transfers, decimal requests)
    {
        if (!reader.Has("AWS::S3::Bucket"))
            yield break;
        yield return new(Groups.S3, Items.Archive, "s3.standard", transfers * Assumptions.ArchiveBytes.Value / BytesPerGb);
        foreach (var balancer in OfTheFirstRegion(reader, "AWS::ElasticLoadBalancingV2::LoadBalancer"))
        {
            var bucket = TemplateReader
                .Each(balancer, "LoadBalancerAttributes")
                .Where(attribute => attribute.GetProperty("Key").GetString() == "access_logs.s3.bucket")
                .Select(attribute => reader.Templates.Find(balancer.Stack, attribute.GetProperty("Value")))
                .FirstOrDefault();
            if (bucket is not null)
                yield return new(
                    Groups.S3,
                    "access log",
                    "s3.standard",
                    requests * Assumptions.AccessLogBytes.Value / BytesPerGb * DaysIn(bucket) / Volume.DaysAMonth
                );
        }
    }

    /// <summary>How long something stays in a bucket.</summary>
    public static decimal DaysIn(Resource bucket) =>
        TemplateReader
            .Each(bucket, "LifecycleConfiguration", "Rules")
            .Where(rule => rule.TryGetProperty("ExpirationInDays", out _))
            .Select(rule => rule.GetProperty("ExpirationInDays").GetDecimal())
            .FirstOrDefault(DaysForEver);

    private static IEnumerable<Usage> Logs(TemplateReader reader, decimal transfers, decimal requests)
    {
        yield return Log(OfServers, ServerUsages.CountOf(reader) * Assumptions.ServiceLogGb.Value);
        foreach (var logging in OfTheFirstRegion(reader, "AWS::WAFv2::LoggingConfiguration"))
        {
            var all = reader.Text(logging, "LoggingFilter", "DefaultBehavior") != "DROP";
            if (all)
                reader.Tell(
                    "The firewall logs every request: a filter that drops what was let through would take nearly all of that line away."
                );
            yield return Log(
                "log of the firewall",
                requests * (all ? 1 : Assumptions.BlockedShare.Value) * Assumptions.FirewallLogBytes.Value / BytesPerGb
            );
        }
        var audited = reader
            .Templates.OfType("AWS::RDS::DBParameterGroup")
            .SelectMany(group => reader.Text(group, "Parameters", "pgaudit.log").Split(','))
            .ToHashSet();
        var bytes =
            (audited.Contains("write") ? Assumptions.AuditBytes.Value : 0)
            + (audited.Contains("read") ? Assumptions.AuditReadBytes.Value : 0);
        if (bytes > 0)
            yield return Log("audit log of the database", transfers * bytes / BytesPerGb);
        if (reader.Templates.OfType("AWS::EC2::FlowLog").Any(flows => reader.Text(flows, "LogDestinationType") != "s3"))
            yield return Log("flow log", requests * Assumptions.FlowLogBytes.Value / BytesPerGb);
    }

    private static Usage Log(string item, decimal gb) => new(Groups.CloudWatch, item, "logs.gb", gb);

    /// <summary>Of the group that keeps the longest; one without a limit counts seven years.</summary>
    private static decimal DaysKept(TemplateReader reader) =>
        reader
            .Templates.OfType("AWS::Logs::LogGroup")
            .Select(group => TemplateReader.Number(group, DaysForEver, "RetentionInDays"))
            .DefaultIfEmpty(0)
            .Max();
}
