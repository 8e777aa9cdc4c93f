using System.Globalization;
using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Settings;
using QuickPay.Slo;

namespace QuickPay.Aws.Observe;

/// <summary>The alarm of one line of <see cref="ServiceLevels"/>.</summary>
internal static class LevelAlarm
{
    /// <param name="stack">Where.</param>
    /// <param name="settings">Of the region that is measured.</param>
    /// <param name="level">The line.</param>
    /// <param name="metric">Where its figure is found.</param>
    /// <param name="missing">What it means that there is none.</param>
    /// <param name="topic">Who is told, also when it is over.</param>
    /// <param name="of">Part of the name: which part of the installation, where the first region's has the same.</param>
    public static void Add(
        Stack stack,
        EnvironmentSettings settings,
        ServiceLevel level,
        IMetric metric,
        TreatMissingData missing,
        ITopic topic,
        string of = ""
    )
    {
        // A small installation has fewer servers than the promise wants.
        var threshold = level.Indicator == Indicator.ReadyServers ? Math.Min(level.Threshold, settings.Service.Min) : level.Threshold;
        var alarm = new Alarm(
            stack,
            level.Name,
            new AlarmProps
            {
                AlarmName = $"quickpay-{settings.Name}-{of}{level.Name}",
                AlarmDescription =
                    $"{level.Severity}: {level.Indicator} {level.Bad} {threshold.ToString(CultureInfo.InvariantCulture)} for {level.Minutes} min ({level.Source})",
                Metric = metric,
                Threshold = threshold,
                EvaluationPeriods = level.Minutes,
                ComparisonOperator =
                    level.Bad == Side.Above ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
                TreatMissingData = missing,
            }
        );
        var action = new SnsAction(topic);
        alarm.AddAlarmAction(action);
        alarm.AddOkAction(action);
    }
}
