using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuickPay.Cli.Aws.Nag;

/// <summary>A rule that a resource breaks.</summary>
/// <param name="Stack"><c>QuickPay-prod-Data</c>.</param>
/// <param name="LogicalId">The resource there.</param>
/// <param name="Type">Of the resource: <c>AWS::S3::Bucket</c>.</param>
/// <param name="Pack">One of <see cref="NagPacks.All"/>.</param>
/// <param name="Rule"><c>AwsSolutions-S1</c>; rules that find several things in a resource say which in brackets.</param>
/// <param name="Level"><c>error</c> or <c>warning</c>: both count.</param>
/// <param name="Text">What is wrong and why it matters, in the pack's words.</param>
internal sealed record NagFinding(string Stack, string LogicalId, string Type, string Pack, string Rule, string Level, string Text);

/// <summary>What the packs say of some templates.</summary>
/// <param name="Resources">How many were looked at.</param>
/// <param name="Findings">All of them, suppressed or not.</param>
internal sealed record NagScan(int Resources, IReadOnlyList<NagFinding> Findings);

/// <summary>The packs of cdk-nag that are used.</summary>
internal static class NagPacks
{
    public const string AwsSolutions = "AwsSolutions";
    public const string PciDss = "PciDss";

    public static readonly string[] All = [AwsSolutions, PciDss];

    /// <summary>Whose rule it is, by how it begins; null: nobody's.</summary>
    public static string? Of(string rule) =>
        rule.StartsWith("AwsSolutions-", StringComparison.Ordinal) ? AwsSolutions
        : rule.StartsWith("PCI.DSS.321-", StringComparison.Ordinal) ? PciDss
        : null;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    // A name that is mistyped must not be nothing.
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    ReadCommentHandling = JsonCommentHandling.Disallow
)]
[JsonSerializable(typeof(NagScan))]
[JsonSerializable(typeof(NagReport))]
[JsonSerializable(typeof(IReadOnlyList<Suppression>))]
internal sealed partial class NagJson : JsonSerializerContext;
