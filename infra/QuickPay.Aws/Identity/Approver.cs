using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
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
        // A list knows no resource.
        role.AddToPolicy(Statements.Allow("Find", ["ssm:DescribeAutomationExecutions"], ["*"]));
    }

    public static string NameOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}-approver";

    public static string ArnOf(Stack stack, EnvironmentSettings settings) => $"arn:aws:iam::{stack.Account}:role/{NameOf(settings)}";
}
