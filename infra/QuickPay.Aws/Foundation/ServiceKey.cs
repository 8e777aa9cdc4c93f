using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Foundation;

/// <summary>How every key of ours is made.</summary>
internal static class ServiceKey
{
    /// <summary>Who sends alarms, as policies call it.</summary>
    public const string Alarms = "cloudwatch.amazonaws.com";

    /// <summary>Who sends what rules find.</summary>
    public const string Events = "events.amazonaws.com";

    private const int PendingDays = 30;
    private static readonly string[] ToTopics = ["kms:GenerateDataKey*", "kms:Decrypt"];

    /// <param name="stack">Where.</param>
    /// <param name="settings">Whether it outlives its stack.</param>
    /// <param name="name">Of its alias: <c>data</c>.</param>
    /// <param name="description">What lies under it.</param>
    public static Key Add(Stack stack, EnvironmentSettings settings, string name, string description) =>
        new(
            stack,
            name.Capital(),
            new KeyProps
            {
                Alias = AliasOf(settings, name),
                Description = $"QuickPay {settings.Name}: {description}",
                EnableKeyRotation = true,
                PendingWindow = Duration.Days(PendingDays),
                RemovalPolicy = settings.Removal(),
            }
        );

    public static string AliasOf(EnvironmentSettings settings, string name) => $"alias/quickpay-{settings.Name}-{name}";

    /// <summary>CloudWatch seals log groups of this account and region with it.</summary>
    public static void LetLogsUse(Stack stack, Key key) =>
        key.AddToResourcePolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Principals = [new ServicePrincipal($"logs.{stack.Region}.amazonaws.com")],
                    Actions = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                    Resources = ["*"],
                    Conditions = new Dictionary<string, object>
                    {
                        ["ArnLike"] = new Dictionary<string, object>
                        {
                            ["kms:EncryptionContext:aws:logs:arn"] = $"arn:aws:logs:{stack.Region}:{stack.Account}:log-group:*",
                        },
                    },
                }
            )
        );

    /// <summary>Alarms of this account and region reach topics under it.</summary>
    public static void LetAlarmsUse(Stack stack, Key key) => Let(key, Alarms, ToTopics, AlarmsOf(stack));

    /// <summary>
    /// Events reach topics under it. Without a condition: EventBridge says neither account nor rule when it asks KMS, so with one every message would be
    /// refused, silently. What comes through is what the topic lets in.
    /// </summary>
    public static void LetEventsUse(Key key) => Let(key, Events, ToTopics);

    /// <summary>One trail seals its files with it, as CloudTrail wants it said: files for themselves, the rest for this trail alone.</summary>
    /// <param name="stack">Where both are.</param>
    /// <param name="key">Of the trail.</param>
    /// <param name="trail">Its name.</param>
    public static void LetTrailUse(Stack stack, Key key, string trail)
    {
        const string service = "cloudtrail.amazonaws.com";
        var arn = $"arn:aws:cloudtrail:{stack.Region}:{stack.Account}:trail/{trail}";
        var ofTrail = new Dictionary<string, object> { ["aws:SourceArn"] = arn };
        Let(
            key,
            service,
            ["kms:GenerateDataKey*"],
            new() { ["StringEquals"] = new Dictionary<string, object>(ofTrail) { ["kms:EncryptionContext:aws:cloudtrail:arn"] = arn } }
        );
        // For the bucket's own data key, which knows of no trail.
        Let(key, service, ["kms:Decrypt", "kms:DescribeKey"], new() { ["StringEquals"] = ofTrail });
    }

    /// <summary>Held to alarms of one account and region, by what CloudWatch says of itself.</summary>
    public static Dictionary<string, object> AlarmsOf(Stack stack) =>
        new()
        {
            ["ArnLike"] = new Dictionary<string, object>
            {
                ["aws:SourceArn"] = $"arn:aws:cloudwatch:{stack.Region}:{stack.Account}:alarm:*",
            },
        };

    private static void Let(Key key, string service, string[] actions, Dictionary<string, object>? conditions = null) =>
        key.AddToResourcePolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Principals = [new ServicePrincipal(service)],
                    Actions = actions,
                    Resources = ["*"],
                    Conditions = conditions,
                }
            )
        );
}
