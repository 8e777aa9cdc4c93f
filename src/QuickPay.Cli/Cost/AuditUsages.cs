using System.Text.Json;
using QuickPay.Cli.Aws;

namespace QuickPay.Cli.Cost;

/// <summary>What must be shown years later: the trail, and what is copied to the second region.</summary>
internal static class AuditUsages
{
    private const string TrailType = "AWS::CloudTrail::Trail";

    /// <summary>Bytes and operations on their way, operations that failed, latency.</summary>
    private const decimal MetricsOfARule = 4;

    public static IEnumerable<Usage> Trail(TemplateReader reader, Resource trail)
    {
        TemplateReader.Refuse(trail, trail["InsightSelectors"].ValueKind != JsonValueKind.Undefined, "it has insights");
        TemplateReader.Refuse(
            trail,
            reader.Templates.OfType(trail.Type).Count() > 1,
            "there is another trail, and only the first copy of events is free"
        );
        var watchesData =
            TemplateReader.Each(trail, "EventSelectors").Any(selector => selector.TryGetProperty("DataResources", out _))
            || TemplateReader
                .Each(trail, "AdvancedEventSelectors")
                .Any(selector => selector.GetRawText().Contains("\"Data\"", StringComparison.Ordinal));
        if (watchesData)
            yield return new(
                Groups.Audit,
                "data events of the trail",
                "cloudtrail.hundred-thousand-events",
                Assumptions.DataEvents.Value / 100_000
            );
        if (reader.Templates.Find(trail.Stack, trail["S3BucketName"]) is { } bucket)
            yield return new(Groups.S3, "trail", "s3.standard", TrailGb * VolumeUsages.DaysIn(bucket) / Volume.DaysAMonth);
    }

    /// <summary>
    /// What goes over in a month, and all that is kept there of it, as much as of the original: by the transfers, or by the events of a trail that writes to
    /// it.
    /// </summary>
    public static IEnumerable<Usage> Copies(TemplateReader reader, Resource bucket)
    {
        if (bucket["ReplicationConfiguration"].ValueKind == JsonValueKind.Undefined)
            yield break;
        reader.Tell(SecondRegion.Note);
        var rules = TemplateReader.Each(bucket, "ReplicationConfiguration", "Rules").ToList();
        TemplateReader.Refuse(
            bucket,
            rules.Any(rule => rule.GetProperty("Destination").TryGetProperty("ReplicationTime", out _)),
            "it is copied within a promised time (S3 RTC)"
        );
        var isTrail = reader.Templates.OfType(TrailType).Any(trail => reader.Templates.Find(trail.Stack, trail["S3BucketName"]) == bucket);
        var archived = reader.Volume.TransfersPerMonth * Assumptions.ArchiveBytes.Value / VolumeUsages.BytesPerGb;
        var (what, sent, kept) = isTrail
            ? ("trail", TrailGb, TrailGb * VolumeUsages.DaysIn(bucket) / Volume.DaysAMonth)
            : ("archive", archived, archived);
        yield return SecondRegion.Of(new(Groups.Transfer, $"{what} to the second region", "transfer.regions", sent));
        yield return SecondRegion.Of(new(Groups.S3, $"copy of the {what}", "s3.standard", kept));
        yield return SecondRegion.Of(
            new(Groups.CloudWatch, "metrics of copying", "cloudwatch.metric", MetricsOfARule * rules.Count(rule => HasMetrics(rule)))
        );
    }

    /// <summary>Written in a month.</summary>
    private static decimal TrailGb => Assumptions.DataEvents.Value * Assumptions.TrailBytes.Value / VolumeUsages.BytesPerGb;

    private static bool HasMetrics(JsonElement rule) =>
        rule.GetProperty("Destination").TryGetProperty("Metrics", out var metrics)
        && metrics.GetProperty("Status").GetString() == "Enabled";
}
