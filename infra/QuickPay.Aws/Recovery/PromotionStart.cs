using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Settings;
using CfnDocument = Amazon.CDK.AWS.SSM.CfnDocument;
using CfnRule = Amazon.CDK.AWS.Events.CfnRule;
using CfnRuleProps = Amazon.CDK.AWS.Events.CfnRuleProps;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// What starts the promotion: the alarms of <see cref="WatchStack"/>, which come here from another region. A region that nobody reaches may be given up
/// unasked, where it was deployed so (<c>Approval=no</c>). One that is reached and serves nothing may have had a bad release, which a promotion would
/// not mend: of that a person is asked, always.
/// </summary>
internal static class PromotionStart
{
    public static void Add(Stack stack, EnvironmentSettings settings, CfnDocument document, Role promoter, Topic topic)
    {
        var approval = new CfnParameter(
            stack,
            "Approval",
            new CfnParameterProps
            {
                AllowedValues = ["yes", "no"],
                Default = "yes",
                Description = "Whether somebody has to agree before the replica becomes a primary, when the first region cannot be reached",
            }
        );
        var automation = $"arn:aws:ssm:{stack.Region}:{stack.Account}";
        var starter = AddStarter(stack, document, promoter, automation);
        AddRule("Lost", "The first region cannot be reached", WatchStack.Lost, approval.ValueAsString);
        AddEnd(stack, document, topic);
        AddRule("Silent", "The first region is reached, and no server there is ready", WatchStack.Silent, "yes");

        void AddRule(string id, string description, string alarm, string approve) =>
            _ = new CfnRule(
                stack,
                id,
                new CfnRuleProps
                {
                    Description = description,
                    EventPattern = new Dictionary<string, object>
                    {
                        ["source"] = new[] { "aws.cloudwatch" },
                        ["detail-type"] = new[] { "CloudWatch Alarm State Change" },
                        ["detail"] = new Dictionary<string, object>
                        {
                            ["alarmName"] = new[] { WatchStack.NameOf(settings, alarm) },
                            ["state"] = new Dictionary<string, object> { ["value"] = new[] { "ALARM" } },
                        },
                    },
                    Targets = new[]
                    {
                        new CfnRule.TargetProperty
                        {
                            Id = "promote",
                            // An update makes a new version. That it also becomes $DEFAULT is documented, and was seen not to happen.
                            Arn = $"{automation}:automation-definition/{document.Name}:$LATEST",
                            RoleArn = starter.RoleArn,
                            // The document's parameters, each a list.
                            Input = $$"""{"Approval":["{{approve}}"],"Alarm":["{{alarm}}"]}""",
                        },
                        new CfnRule.TargetProperty { Id = "tell", Arn = topic.TopicArn },
                    },
                }
            );
    }

    /// <summary>A promotion that ends before its end is for people to go on with, and nothing else tells them.</summary>
    private static void AddEnd(Stack stack, CfnDocument document, Topic topic) =>
        _ = new CfnRule(
            stack,
            "Ended",
            new CfnRuleProps
            {
                Description = "A promotion has not come to its end",
                EventPattern = new Dictionary<string, object>
                {
                    ["source"] = new[] { "aws.ssm" },
                    ["detail-type"] = new[] { "EC2 Automation Execution Status-change Notification" },
                    ["detail"] = new Dictionary<string, object>
                    {
                        ["Definition"] = new[] { document.Name },
                        ["Status"] = new[] { "Failed", "TimedOut", "Cancelled" },
                    },
                },
                Targets = new[]
                {
                    new CfnRule.TargetProperty { Id = "tell", Arn = topic.TopicArn },
                },
            }
        );

    private static Role AddStarter(Stack stack, CfnDocument document, Role promoter, string automation)
    {
        var starter = new Role(
            stack,
            "Starter",
            new RoleProps { AssumedBy = Statements.OwnService(stack, "events.amazonaws.com"), Description = "Starts the promotion" }
        );
        starter.AddToPolicy(
            Statements.Allow(
                "Start",
                ["ssm:StartAutomationExecution"],
                [
                    $"{automation}:automation-definition/{document.Name}:*",
                    $"{automation}:document/{document.Name}",
                    $"{automation}:automation-execution/*",
                ]
            )
        );
        // The document works by that role, and who starts it hands it over.
        starter.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "HandOver",
                    Actions = ["iam:PassRole"],
                    Resources = [promoter.RoleArn],
                    Conditions = Statements.Equal("iam:PassedToService", "ssm.amazonaws.com"),
                }
            )
        );
        return starter;
    }
}
