using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Settings;
using CfnDocument = Amazon.CDK.AWS.SSM.CfnDocument;
using CfnDocumentProps = Amazon.CDK.AWS.SSM.CfnDocumentProps;
using CfnRule = Amazon.CDK.AWS.Events.CfnRule;
using CfnRuleProps = Amazon.CDK.AWS.Events.CfnRuleProps;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// Makes the second region's replica a primary. Nothing else does: a name that leads elsewhere promotes no database. It is started by the alarm that
/// the first region does not serve (<see cref="WatchStack"/>), and waits for somebody's word unless it was deployed with <c>Approval=no</c>: what was
/// committed in the last moment and has not come over is lost then, so a region that only cannot be reached is better waited for.
/// </summary>
internal static class Promotion
{
    private const int WaitForWordSeconds = 1_800;

    /// <param name="stack">Of the second region.</param>
    /// <param name="settings">Part of the document's name.</param>
    /// <param name="replica">What becomes a primary.</param>
    /// <param name="topic">Who is told that their word is wanted.</param>
    /// <param name="topics">The topic's key.</param>
    public static void Add(Stack stack, EnvironmentSettings settings, string replica, Topic topic, IKey topics)
    {
        var approval = new CfnParameter(
            stack,
            "Approval",
            new CfnParameterProps
            {
                AllowedValues = ["yes", "no"],
                Default = "yes",
                Description = "Whether somebody has to agree before the replica becomes a primary",
            }
        );
        var approver = new CfnParameter(
            stack,
            "Approver",
            new CfnParameterProps { AllowedPattern = "^arn:aws:iam::.+$", Description = "ARN of the role or user whose word counts" }
        );
        var role = AddRole(stack, replica, topic, topics);
        var document = new CfnDocument(
            stack,
            "Promote",
            new CfnDocumentProps
            {
                DocumentType = "Automation",
                DocumentFormat = "JSON",
                Name = $"quickpay-{settings.Name}-promote",
                UpdateMethod = "NewVersion",
                Content = new Dictionary<string, object>
                {
                    ["schemaVersion"] = "0.3",
                    ["description"] = "Make the replica in this region the primary",
                    ["assumeRole"] = role.RoleArn,
                    ["parameters"] = new Dictionary<string, object>
                    {
                        ["Approval"] = new Dictionary<string, object> { ["type"] = "String", ["default"] = approval.ValueAsString },
                    },
                    ["mainSteps"] = new object[] { Ask(), Word(approver.ValueAsString, topic), Promote(replica), Wait(replica) },
                },
            }
        );
        AddStart(stack, settings, document, topic);
    }

    private static Dictionary<string, object> Ask() =>
        new()
        {
            ["name"] = "Ask",
            ["action"] = "aws:branch",
            ["inputs"] = new Dictionary<string, object>
            {
                ["Choices"] = new object[]
                {
                    new Dictionary<string, object>
                    {
                        ["NextStep"] = "Promote",
                        ["Variable"] = "{{ Approval }}",
                        ["StringEquals"] = "no",
                    },
                },
                ["Default"] = "Word",
            },
        };

    private static Dictionary<string, object> Word(string approver, Topic topic) =>
        new()
        {
            ["name"] = "Word",
            ["action"] = "aws:approve",
            ["onFailure"] = "Abort",
            ["inputs"] = new Dictionary<string, object>
            {
                ["NotificationArn"] = topic.TopicArn,
                ["Message"] =
                    "The first region does not serve. Promoting loses what had not come over; if the first region comes back by itself soon, do not.",
                ["MinRequiredApprovals"] = 1,
                ["Approvers"] = new[] { approver },
            },
            ["timeoutSeconds"] = WaitForWordSeconds,
        };

    private static Dictionary<string, object> Promote(string replica) =>
        new()
        {
            ["name"] = "Promote",
            ["action"] = "aws:executeAwsApi",
            ["onFailure"] = "Abort",
            ["inputs"] = new Dictionary<string, object>
            {
                ["Service"] = "rds",
                ["Api"] = "PromoteReadReplica",
                ["DBInstanceIdentifier"] = replica,
            },
        };

    private static Dictionary<string, object> Wait(string replica) =>
        new()
        {
            ["name"] = "Wait",
            ["action"] = "aws:executeScript",
            ["timeoutSeconds"] = 600,
            ["inputs"] = new Dictionary<string, object>
            {
                ["Runtime"] = "python3.11",
                ["Handler"] = "await_primary",
                ["InputPayload"] = new Dictionary<string, object> { ["Database"] = replica },
                ["Script"] = Script(),
            },
            ["isEnd"] = true,
        };

    private static string Script()
    {
        using var script = new StreamReader(typeof(Promotion).Assembly.GetManifestResourceStream("await-primary.py")!);
        return script.ReadToEnd();
    }

    private static Role AddRole(Stack stack, string replica, Topic topic, IKey topics)
    {
        var role = new Role(
            stack,
            "Promoter",
            new RoleProps { AssumedBy = new ServicePrincipal("ssm.amazonaws.com"), Description = "Promotes the replica" }
        );
        role.AddToPolicy(
            Statements.Allow(
                "Promote",
                ["rds:PromoteReadReplica", "rds:DescribeDBInstances"],
                [$"arn:aws:rds:{stack.Region}:{stack.Account}:db:{replica}"]
            )
        );
        role.AddToPolicy(Statements.Allow("AskForWord", ["sns:Publish"], [topic.TopicArn]));
        role.AddToPolicy(Statements.Allow("SealTheQuestion", ["kms:GenerateDataKey", "kms:Decrypt"], [topics.KeyArn]));
        return role;
    }

    /// <summary>The alarm is in another region, which sends it here.</summary>
    private static void AddStart(Stack stack, EnvironmentSettings settings, CfnDocument document, Topic topic)
    {
        var starter = new Role(
            stack,
            "Starter",
            new RoleProps { AssumedBy = new ServicePrincipal("events.amazonaws.com"), Description = "Starts the promotion" }
        );
        starter.AddToPolicy(
            Statements.Allow(
                "Start",
                ["ssm:StartAutomationExecution"],
                [$"arn:aws:ssm:{stack.Region}:{stack.Account}:automation-definition/{document.Name}:*"]
            )
        );
        _ = new CfnRule(
            stack,
            "Lost",
            new CfnRuleProps
            {
                Description = "The first region does not serve",
                EventPattern = new Dictionary<string, object>
                {
                    ["source"] = new[] { "aws.cloudwatch" },
                    ["detail-type"] = new[] { "CloudWatch Alarm State Change" },
                    ["detail"] = new Dictionary<string, object>
                    {
                        ["alarmName"] = new[] { WatchStack.AlarmOf(settings) },
                        ["state"] = new Dictionary<string, object> { ["value"] = new[] { "ALARM" } },
                    },
                },
                Targets = new[]
                {
                    new CfnRule.TargetProperty
                    {
                        Id = "promote",
                        Arn = $"arn:aws:ssm:{stack.Region}:{stack.Account}:automation-definition/{document.Name}:$DEFAULT",
                        RoleArn = starter.RoleArn,
                    },
                    new CfnRule.TargetProperty { Id = "tell", Arn = topic.TopicArn },
                },
            }
        );
    }
}
