using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using QuickPay.Aws.Recovery;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Identity;

/// <summary>
/// Whose word a change of region takes: who has taken on this role, with a second factor. It may answer the question and see what came of it, and
/// nothing else, so it can be given to whoever is on call. An administrator makes it, so no deployment changes who that is.
/// </summary>
internal static class Approver
{
    public static void Add(Stack stack, EnvironmentSettings settings, string recoveryRegion)
    {
        var role = new Role(
            stack,
            "Approver",
            new RoleProps
            {
                RoleName = NameOf(settings),
                AssumedBy = Deployers.PeopleOf(stack.Account),
                Description = "Says whether the second region takes over",
                MaxSessionDuration = Duration.Hours(1),
            }
        );
        role.AddToPolicy(
            Statements.Allow(
                "Answer",
                ["ssm:SendAutomationSignal", "ssm:GetAutomationExecution", "ssm:DescribeAutomationStepExecutions"],
                [$"arn:aws:ssm:{recoveryRegion}:{stack.Account}:automation-execution/*"]
            )
        );
        // Whoever is asked looks first: at both databases, at the lag, and at the alarms.
        role.AddToPolicy(
            Statements.Allow(
                "Databases",
                ["rds:DescribeDBInstances"],
                [
                    $"arn:aws:rds:{settings.Region}:{stack.Account}:db:{Data.Database.PrimaryOf(settings)}",
                    $"arn:aws:rds:{recoveryRegion}:{stack.Account}:db:{RecoveryStack.NameOf(settings)}",
                ]
            )
        );
        // Neither lists nor figures know a resource.
        role.AddToPolicy(
            Statements.Allow("Find", ["ssm:DescribeAutomationExecutions", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"], ["*"])
        );
    }

    public static string NameOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}-approver";

    public static string ArnOf(Stack stack, EnvironmentSettings settings) => $"arn:aws:iam::{stack.Account}:role/{NameOf(settings)}";
}
