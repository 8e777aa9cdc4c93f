using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>A resource as it stands on AWS.</summary>
/// <param name="Id">In its template.</param>
/// <param name="Name">AWS's name of it.</param>
/// <param name="IfDeleted">What becomes of it with its stack: <c>Delete</c>, <c>Retain</c>, <c>RetainExceptOnCreate</c> or <c>Snapshot</c>.</param>
internal sealed record StandingResource(string Id, string Type, string Name, string IfDeleted)
{
    public const string Database = "AWS::RDS::DBInstance";
    public const string LoadBalancer = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    public const string Cache = "AWS::ElastiCache::ReplicationGroup";
    public const string Bucket = "AWS::S3::Bucket";
    public const string Secret = "AWS::SecretsManager::Secret";
    public const string LogGroup = "AWS::Logs::LogGroup";

    /// <summary>Whether it is left, as itself or as a snapshot.</summary>
    public bool IsKept => IfDeleted != "Delete";
}

/// <summary>What stacks consist of, by the templates that they were deployed with: those of this machine may say something else by now.</summary>
internal static class StackContents
{
    /// <summary>Empty when the stack is not there.</summary>
    public static async Task<IReadOnlyList<StandingResource>> ReadAsync(
        AwsTool aws,
        PlannedStack stack,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var template = await AskAsync("get-template");
            var resources = template.GetProperty("TemplateBody").TryGetProperty("Resources", out var some) ? some : default;
            // describe-stack-resources ends after a hundred.
            var listed = await AskAsync("list-stack-resources");
            return
            [
                .. listed
                    .GetProperty("StackResourceSummaries")
                    .EnumerateArray()
                    // A deletion that did not come to its end has passed over what is kept (DELETE_SKIPPED): it is there, and nobody else knows of it.
                    .Where(one => one.GetProperty("ResourceStatus").GetString() is not "DELETE_COMPLETE")
                    .Where(one => one.TryGetProperty("PhysicalResourceId", out _))
                    .Select(one =>
                    {
                        var id = one.GetProperty("LogicalResourceId").GetString()!;
                        return new StandingResource(
                            id,
                            one.GetProperty("ResourceType").GetString()!,
                            one.GetProperty("PhysicalResourceId").GetString()!,
                            PolicyOf(resources, id)
                        );
                    }),
            ];
        }
        catch (AwsException e) when (e.Says("does not exist"))
        {
            return [];
        }

        Task<JsonElement> AskAsync(string what) =>
            aws.AskAsync(stack.Region, cancellationToken, "cloudformation", what, "--stack-name", stack.Name);
    }

    private static string PolicyOf(JsonElement resources, string id) =>
        resources.ValueKind == JsonValueKind.Object
        && resources.TryGetProperty(id, out var resource)
        && resource.TryGetProperty("DeletionPolicy", out var policy)
            ? policy.GetString()!
            : "Delete";
}
