using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Audit;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Observe;

/// <summary>
/// Somebody is told of an object of the audit that did not get to the second region: S3 tries no more then, whatever was wrong (a right, a key, the role).
/// Of the figures of copying this is the one that S3 has in the source's region; those of what is still on its way are in the other one's.
/// </summary>
internal static class FailedCopies
{
    public static void Add(Stack stack, EnvironmentSettings settings, CopiedBucket copied, ITopic topic) =>
        new Alarm(
            stack,
            $"{copied.Name}-not-copied",
            new AlarmProps
            {
                AlarmName = $"quickpay-{settings.Name}-{copied.Name}-not-copied",
                AlarmDescription = $"Objects of the {copied.Name} have not come to the second region, and S3 does not try again",
                Metric = Measures.Metric(
                    "AWS/S3",
                    "OperationsFailedReplication",
                    "Sum",
                    new()
                    {
                        ["SourceBucket"] = copied.Bucket.BucketName,
                        ["DestinationBucket"] = copied.Copy,
                        ["RuleId"] = copied.Rule,
                    }
                ),
                Threshold = 0,
                EvaluationPeriods = 1,
                ComparisonOperator = ComparisonOperator.GREATER_THAN_THRESHOLD,
                // Nothing written is nothing failed.
                TreatMissingData = TreatMissingData.NOT_BREACHING,
            }
        ).AddAlarmAction(new SnsAction(topic));
}
