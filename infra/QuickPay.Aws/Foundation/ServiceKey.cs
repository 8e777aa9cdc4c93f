using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Foundation;

/// <summary>How every key of ours is made.</summary>
internal static class ServiceKey
{
    private const int PendingDays = 30;

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

    /// <summary>A service of AWS, for what is this account's.</summary>
    public static void LetUse(Stack stack, Key key, string service, params string[] actions) =>
        key.AddToResourcePolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Principals = [new ServicePrincipal(service)],
                    Actions = actions,
                    Resources = ["*"],
                    Conditions = new Dictionary<string, object>
                    {
                        ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = stack.Account },
                    },
                }
            )
        );
}
