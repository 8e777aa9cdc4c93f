using System.Text.Json;
using System.Text.Json.Nodes;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>
/// Says to CloudFormation that no update replaces or deletes what a stack keeps, whatever a template has in it. Protection against deletion says nothing
/// of updates. Who may lift it is an administrator, and the next deployment that comes through sets it again.
/// </summary>
internal sealed class StackPolicy(AwsTool aws)
{
    /// <summary>What cannot be made anew. Of buckets, those beside the others: one of logs alone does not ask for this.</summary>
    private static readonly string[] NeverAnew =
    [
        StandingResource.Database,
        StandingResource.Secret,
        "AWS::KMS::Key",
        "AWS::CloudTrail::Trail",
    ];

    private static readonly JsonObject Policy = new()
    {
        ["Statement"] = new JsonArray(
            new JsonObject
            {
                ["Effect"] = "Allow",
                ["Principal"] = "*",
                ["Action"] = "Update:*",
                ["Resource"] = "*",
            },
            new JsonObject
            {
                ["Effect"] = "Deny",
                ["Principal"] = "*",
                ["Action"] = new JsonArray("Update:Replace", "Update:Delete"),
                ["Resource"] = "*",
                ["Condition"] = new JsonObject
                {
                    ["StringEquals"] = new JsonObject
                    {
                        ["ResourceType"] = new JsonArray([.. NeverAnew.Append(StandingResource.Bucket).Select(type => (JsonNode)type)]),
                    },
                },
            }
        ),
    };

    /// <summary>Whether a stack has something of the kind.</summary>
    public static bool IsNeeded(PlannedStack stack) =>
        stack.IsProtected && TemplateResource.In(stack).Any(resource => NeverAnew.Contains(resource.Type));

    /// <summary>Sets it unless it is there already, so that whoever may only look is not refused for nothing.</summary>
    /// <exception cref="AwsException">The caller may not.</exception>
    public async Task EnsureAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        var found = await aws.AskAsync(stack.Region, cancellationToken, "cloudformation", "get-stack-policy", "--stack-name", stack.Name);
        if (
            found.ValueKind == JsonValueKind.Object
            && found.TryGetProperty("StackPolicyBody", out var body)
            && JsonNode.DeepEquals(JsonNode.Parse(body.GetString()!), Policy)
        )
        {
            return;
        }
        await aws.AskAsync(
            stack.Region,
            cancellationToken,
            "cloudformation",
            "set-stack-policy",
            "--stack-name",
            stack.Name,
            "--stack-policy-body",
            Policy.ToJsonString()
        );
    }
}
