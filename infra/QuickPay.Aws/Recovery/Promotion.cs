using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Identity;
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
    /// <summary>No alarm started it.</summary>
    private const string ByHand = "none";

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
        var role = PromotionRights.Add(stack, settings, replica, first, topic, topics);
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
                        // Without a default: who starts it by hand has to say so.
                        ["Alarm"] = new Dictionary<string, object>
                        {
                            ["type"] = "String",
                            ["description"] =
                                "What started it, and has to be raised still when the first region is shut out; none: a person",
                            ["allowedValues"] = new[] { WatchStack.Lost, WatchStack.Silent, ByHand },
                        },
                    },
                    ["mainSteps"] = new PromotionSteps(settings, first, replica, Approver.ArnOf(stack, settings), topic.TopicArn).All(),
                    ["outputs"] = new[] { "Look.Lag", "Fence.Name", "Fence.Database", "Fence.Rules" },
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
}

/// <summary>What is shut out.</summary>
internal sealed record FirstRegion(string Name, string Database, string Domain, string Zone);
