using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Network;
using QuickPay.Aws.Settings;
using CfnDocument = Amazon.CDK.AWS.SSM.CfnDocument;
using CfnDocumentProps = Amazon.CDK.AWS.SSM.CfnDocumentProps;

namespace QuickPay.Aws.Recovery;

/// <summary>
/// Makes the second region's replica a primary, after it has shut the first region out. Nothing else does: a name that leads elsewhere promotes no
/// database. <see cref="PromotionStart"/> says when; unless it was told otherwise it waits for somebody's word, since what was committed in the last
/// moment and has not come over is lost then.
/// </summary>
internal static class Promotion
{
    /// <summary>People sleep. An answer that comes late is as good: whoever gives it looks first whether the region is back.</summary>
    private const int WaitForWordSeconds = 12 * 60 * 60;

    /// <summary>
    /// The document that does it, and the role by which it does.
    /// </summary>
    /// <param name="stack">Of the second region.</param>
    /// <param name="settings">Of the first region.</param>
    /// <param name="replica">What becomes a primary.</param>
    /// <param name="topic">Who is told that their word is wanted, and what was shut out.</param>
    /// <param name="topics">The topic's key.</param>
    public static (CfnDocument Document, Role Role) Add(Stack stack, EnvironmentSettings settings, string replica, Topic topic, IKey topics)
    {
        var first = new FirstRegion(
            settings.Region,
            Data.Database.PrimaryOf(settings),
            Parameter("Domain", "String", "The name that members call"),
            Parameter("HostedZone", "AWS::Route53::HostedZone::Id", "The Route 53 zone that the name is in")
        );
        var role = AddRole(stack, settings, replica, first, topic, topics);
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
                    ["description"] = "Shut the first region out and make the replica in this one the primary",
                    ["assumeRole"] = role.RoleArn,
                    ["parameters"] = new Dictionary<string, object>
                    {
                        ["Approval"] = new Dictionary<string, object>
                        {
                            ["type"] = "String",
                            ["default"] = "yes",
                            ["allowedValues"] = new[] { "yes", "no" },
                        },
                    },
                    ["mainSteps"] = new object[]
                    {
                        Ask(),
                        Word(Approver.ArnOf(stack, settings), topic),
                        Fence(first, topic),
                        Promote(replica),
                        Wait(replica),
                        SecondWorkers.Start(settings),
                    },
                    ["outputs"] = new[] { "Fence.Name", "Fence.Database" },
                },
            }
        );
        return (document, role);

        string Parameter(string id, string type, string description) =>
            new CfnParameter(stack, id, new CfnParameterProps { Type = type, Description = description }).ValueAsString;
    }

    /// <summary>Systems Manager asks for somebody's word only by topics that begin so.</summary>
    public static string TopicOf(EnvironmentSettings settings) => $"Automation-quickpay-{settings.Name}";

    /// <summary>By which <see cref="Boundary"/> knows what may be passed on.</summary>
    public static string RoleOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}-promoter";

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
                        ["NextStep"] = "Fence",
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
                    "The first region does not serve: it cannot be reached, or none of its servers is ready. If that is a release, take the release back. "
                    + "Promoting loses what had not come over and shuts the first region out until a person opens it; if it comes back by itself soon, do not.",
                ["MinRequiredApprovals"] = 1,
                ["Approvers"] = new[] { approver },
            },
            ["timeoutSeconds"] = WaitForWordSeconds,
        };

    /// <summary>Without it the old primary would go on taking writes, and members' name would lead back to it as soon as it is well.</summary>
    private static Dictionary<string, object> Fence(FirstRegion first, Topic topic) =>
        new()
        {
            ["name"] = "Fence",
            ["action"] = "aws:executeScript",
            // A region that is lost cannot be shut out; it is said, and gone on.
            ["onFailure"] = "Continue",
            ["isCritical"] = false,
            ["timeoutSeconds"] = 180,
            ["inputs"] = Script(
                "fence",
                "fence.py",
                new()
                {
                    ["Domain"] = first.Domain,
                    ["Zone"] = first.Zone,
                    ["FirstRegion"] = first.Name,
                    ["FirstDatabase"] = first.Database,
                    ["Topic"] = topic.TopicArn,
                }
            ),
            ["outputs"] = new[] { "Name", "Database" }
                .Select(
                    object (name) =>
                        new Dictionary<string, object>
                        {
                            ["Name"] = name,
                            ["Selector"] = $"$.Payload.{name}",
                            ["Type"] = "String",
                        }
                )
                .ToArray(),
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

    /// <summary>What it waits for comes about whether it is seen or not, so not to see it is no failure of the promotion.</summary>
    private static Dictionary<string, object> Wait(string replica) =>
        new()
        {
            ["name"] = "Wait",
            ["action"] = "aws:executeScript",
            ["onFailure"] = "Continue",
            ["isCritical"] = false,
            ["timeoutSeconds"] = 600,
            ["inputs"] = Script("await_primary", "await-primary.py", new() { ["Database"] = replica }),
        };

    private static Dictionary<string, object> Script(string handler, string file, Dictionary<string, object> payload)
    {
        using var script = new StreamReader(typeof(Promotion).Assembly.GetManifestResourceStream(file)!);
        return new()
        {
            ["Runtime"] = "python3.11",
            ["Handler"] = handler,
            ["InputPayload"] = payload,
            ["Script"] = script.ReadToEnd(),
        };
    }

    private static Role AddRole(Stack stack, EnvironmentSettings settings, string replica, FirstRegion first, Topic topic, IKey topics)
    {
        var role = new Role(
            stack,
            "Promoter",
            new RoleProps
            {
                RoleName = RoleOf(settings),
                AssumedBy = new ServicePrincipal("ssm.amazonaws.com"),
                Description = "Shuts the first region out and promotes the replica",
            }
        );
        var primary = $"arn:aws:rds:{first.Name}:{stack.Account}:db:{first.Database}";
        role.AddToPolicy(
            Statements.Allow(
                "Promote",
                ["rds:PromoteReadReplica", "rds:DescribeDBInstances"],
                [$"arn:aws:rds:{stack.Region}:{stack.Account}:db:{replica}"]
            )
        );
        role.AddToPolicy(SecondWorkers.MayStart(stack, settings));
        role.AddToPolicy(Statements.Allow("AskForWord", ["sns:Publish"], [topic.TopicArn]));
        role.AddToPolicy(Statements.Allow("SealTheQuestion", ["kms:GenerateDataKey", "kms:Decrypt"], [topics.KeyArn]));
        role.AddToPolicy(
            Statements.Allow("FindTheName", ["route53:ListResourceRecordSets"], [$"arn:aws:route53:::hostedzone/{first.Zone}"])
        );
        // The id of the health check is known only to the record that it stands before.
        role.AddToPolicy(Statements.Allow("FenceTheName", ["route53:UpdateHealthCheck"], ["arn:aws:route53:::healthcheck/*"]));
        role.AddToPolicy(Statements.Allow("CutOff", ["rds:DescribeDBInstances", "rds:RebootDBInstance"], [primary]));
        role.AddToPolicy(Statements.Allow("Look", ["ec2:DescribeSecurityGroups"], ["*"]));
        role.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "Close",
                    Actions = ["ec2:RevokeSecurityGroupIngress"],
                    Resources = [$"arn:aws:ec2:{first.Name}:{stack.Account}:security-group/*"],
                    Conditions = new Dictionary<string, object>
                    {
                        ["StringEquals"] = new Dictionary<string, object>
                        {
                            [$"aws:ResourceTag/{SecurityGroups.GuardsTag}"] = SecurityGroups.GuardsDatabase,
                            ["aws:ResourceTag/quickpay:environment"] = settings.Name,
                        },
                    },
                }
            )
        );
        return role;
    }

    /// <summary>What is shut out.</summary>
    private sealed record FirstRegion(string Name, string Database, string Domain, string Zone);
}
