using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Functions;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Observe;

/// <summary>
/// Somebody is told of a function that a schedule starts and that does not get done. Of the set-up, which CloudFormation starts and waits for, the
/// deployment tells.
/// </summary>
internal static class FailedFunctions
{
    /// <summary>Lambda starts what has failed twice more, within minutes: one failure is none yet.</summary>
    private const int Attempts = 3;

    public static void Add(Stack stack, EnvironmentSettings settings, string function, ITopic topic) =>
        new Alarm(
            stack,
            $"{function}-failed",
            new AlarmProps
            {
                AlarmName = $"{Function.NameOf(settings, function)}-failed",
                AlarmDescription =
                    $"The function {function} has failed each time it was started; its log says why, and tomorrow it is started again",
                Metric = new Metric(
                    new MetricProps
                    {
                        Namespace = "AWS/Lambda",
                        MetricName = "Errors",
                        Statistic = "Sum",
                        Period = Duration.Hours(1),
                        DimensionsMap = new Dictionary<string, string> { ["FunctionName"] = Function.NameOf(settings, function) },
                    }
                ),
                Threshold = Attempts,
                EvaluationPeriods = 1,
                ComparisonOperator = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                // It is started once a day.
                TreatMissingData = TreatMissingData.NOT_BREACHING,
            }
        ).AddAlarmAction(new SnsAction(topic));
}
