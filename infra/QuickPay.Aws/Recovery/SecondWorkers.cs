using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// The second region's workers: none beside a replica, since all that a worker does is write. What promotes the database starts them afterwards; it is
/// in a stack that is made before theirs, so it knows their group by its name.
/// </summary>
internal static class SecondWorkers
{
    public static string NameOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}-elsewhere-workers";

    /// <summary>The step of an automation that starts them; after the database is a primary.</summary>
    public static Dictionary<string, object> Start(EnvironmentSettings settings) =>
        new()
        {
            ["name"] = "StartWorkers",
            ["action"] = "aws:executeAwsApi",
            // The first region is shut out all the same, where that is still to be done; but the run has failed then.
            ["onFailure"] = "Continue",
            ["isCritical"] = true,
            ["inputs"] = new Dictionary<string, object>
            {
                ["Service"] = "autoscaling",
                ["Api"] = "SetDesiredCapacity",
                ["AutoScalingGroupName"] = NameOf(settings),
                ["DesiredCapacity"] = settings.Recovery!.Service.Workers,
            },
        };

    /// <summary>What the automation needs for it.</summary>
    public static PolicyStatement MayStart(Stack stack, EnvironmentSettings settings) =>
        Statements.Allow(
            "StartWorkers",
            ["autoscaling:SetDesiredCapacity"],
            [$"arn:aws:autoscaling:{stack.Region}:{stack.Account}:autoScalingGroup:*:autoScalingGroupName/{NameOf(settings)}"]
        );
}
