using Amazon.CDK.AWS.AutoScaling;
using Amazon.CDK.AWS.CloudWatch;
using Constructs;

namespace QuickPay.Aws.Service;

/// <summary>
/// How many API servers there are, by their processors: over 70 % for 5 minutes, two more; under 30 % for 10 minutes, one less; and then no
/// change for 5 and 10 minutes. Policies of steps know no such pause, so these are simple ones.
/// </summary>
internal static class Scaling
{
    private const int Minute = 60;

    public static void Add(Construct scope, CfnAutoScalingGroup group)
    {
        AddRule(scope, group, "More", "GreaterThanThreshold", 70, minutes: 5, change: 2);
        AddRule(scope, group, "Fewer", "LessThanThreshold", 30, minutes: 10, change: -1);
    }

    private static void AddRule(
        Construct scope,
        CfnAutoScalingGroup group,
        string id,
        string comparison,
        int percent,
        int minutes,
        int change
    )
    {
        var policy = new CfnScalingPolicy(
            scope,
            id,
            new CfnScalingPolicyProps
            {
                AutoScalingGroupName = group.Ref,
                PolicyType = "SimpleScaling",
                AdjustmentType = "ChangeInCapacity",
                ScalingAdjustment = change,
                Cooldown = $"{minutes * Minute}",
            }
        );
        _ = new CfnAlarm(
            scope,
            $"{id}Alarm",
            new CfnAlarmProps
            {
                AlarmDescription = $"Processors of the API servers: {comparison} {percent} % for {minutes} minutes",
                Namespace = "AWS/EC2",
                MetricName = "CPUUtilization",
                Dimensions = new[]
                {
                    new CfnAlarm.DimensionProperty { Name = "AutoScalingGroupName", Value = group.Ref },
                },
                Statistic = "Average",
                Period = Minute,
                EvaluationPeriods = minutes,
                Threshold = percent,
                ComparisonOperator = comparison,
                AlarmActions = [policy.Ref],
            }
        );
    }
}
