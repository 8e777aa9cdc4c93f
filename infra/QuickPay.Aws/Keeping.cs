using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.Logs;
using Constructs;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws;

/// <summary>What becomes of a store when its stack goes.</summary>
internal static class Keeping
{
    /// <summary>
    /// Where data is kept it outlives its stack; but not a first attempt that failed, which would leave its name taken, so that it could not be
    /// repeated.
    /// </summary>
    public static RemovalPolicy Removal(this EnvironmentSettings settings) =>
        settings.KeepsData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;

    /// <summary>A log group of ours, so that no service makes one by itself: without a key, and for ever.</summary>
    public static LogGroup AddLog(this EnvironmentSettings settings, Construct scope, string id, string name, IKey key) =>
        new(
            scope,
            id,
            new LogGroupProps
            {
                LogGroupName = name,
                EncryptionKey = key,
                Retention = LogRetention.Of(settings.LogDays),
                RemovalPolicy = settings.Removal(),
            }
        );

    /// <summary>Ids begin with a capital letter.</summary>
    public static string Capital(this string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
