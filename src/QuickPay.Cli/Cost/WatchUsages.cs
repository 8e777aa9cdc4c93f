using System.Text.Json;
using QuickPay.Cli.Aws;

namespace QuickPay.Cli.Cost;

/// <summary>What watches and guards: alarms, dashboards, keys, secrets, trails.</summary>
internal static class WatchUsages
{
    public static readonly IReadOnlyDictionary<string, Func<TemplateReader, Resource, IEnumerable<Usage>>> Readers = new Dictionary<
        string,
        Func<TemplateReader, Resource, IEnumerable<Usage>>
    >
    {
        ["AWS::CloudWatch::Alarm"] = Alarm,
        ["AWS::CloudWatch::CompositeAlarm"] = (_, _) => [new(Groups.CloudWatch, "alarms of alarms", "cloudwatch.composite-alarm", 1)],
        ["AWS::CloudWatch::Dashboard"] = (_, _) => [new(Groups.CloudWatch, Items.Dashboards, "cloudwatch.dashboard", 1)],
        ["AWS::Logs::MetricFilter"] = (_, filter) =>
            [new(Groups.CloudWatch, "metrics from logs", "cloudwatch.metric", TemplateReader.Count(filter, "MetricTransformations"))],
        ["AWS::KMS::Key"] = (_, _) => [new(Groups.Keys, "keys", "kms.key", 1)],
        ["AWS::KMS::ReplicaKey"] = (_, _) => [new(Groups.Keys, "keys", "kms.key", 1)],
        ["AWS::SecretsManager::Secret"] = (_, secret) =>
            [
                new(Groups.Keys, "secrets", "secrets.secret", 1),
                SecondRegion.Of(new(Groups.Keys, "copies of secrets", "secrets.secret", TemplateReader.Count(secret, "ReplicaRegions"))),
            ],
        ["AWS::CloudTrail::Trail"] = AuditUsages.Trail,
        ["AWS::Config::ConfigurationRecorder"] = (_, _) =>
            [new(Groups.Audit, "recorded changes", "config.item", Assumptions.ConfigItems.Value)],
        ["AWS::Config::ConfigRule"] = (_, _) =>
            [new(Groups.Audit, "evaluations of rules", "config.thousand-evaluations", Assumptions.ConfigItems.Value / 1_000)],
    };

    private static IEnumerable<Usage> Alarm(TemplateReader reader, Resource alarm)
    {
        const decimal minute = 60;
        var metrics = TemplateReader.Each(alarm, "Metrics").Where(metric => metric.TryGetProperty("MetricStat", out _)).ToList();
        TemplateReader.Refuse(alarm, alarm["ThresholdMetricId"].ValueKind != JsonValueKind.Undefined, "it looks for anomalies");
        var period =
            metrics.Count > 0
                ? metrics.Min(metric => metric.GetProperty("MetricStat").GetProperty("Period").GetDecimal())
                : TemplateReader.Number(alarm, minute, "Period");
        return
        [
            period < minute
                ? new(Groups.CloudWatch, "fast alarms", "cloudwatch.fast-alarm", Math.Max(1, metrics.Count))
                : new(Groups.CloudWatch, Items.Alarms, "cloudwatch.alarm", Math.Max(1, metrics.Count)),
        ];
    }
}
