using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>The buckets that stacks have made.</summary>
internal sealed class StackBuckets(AwsTool aws)
{
    /// <summary>CloudFormation deletes no bucket that has anything in it, in any version. What is in those that are kept stays.</summary>
    public async Task EmptyAllAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        foreach (var bucket in await StackContents.ReadAsync(aws, stack, cancellationToken))
        {
            if (bucket is { Type: StandingResource.Bucket, IsKept: false })
            {
                while (await DeleteSomeAsync(stack, bucket.Name, cancellationToken)) { }
            }
        }
    }

    /// <returns>Whether there was anything.</returns>
    private async Task<bool> DeleteSomeAsync(PlannedStack stack, string bucket, CancellationToken cancellationToken)
    {
        var listed = await aws.AskAsync(
            stack.Region,
            cancellationToken,
            "s3api",
            "list-object-versions",
            "--bucket",
            bucket,
            "--max-items",
            "1000"
        );
        // An empty bucket has no answer at all.
        var objects = new List<StoredObject>();
        if (listed.ValueKind == JsonValueKind.Object)
        {
            AddAll("Versions");
            AddAll("DeleteMarkers");
        }
        if (objects.Count == 0)
        {
            return false;
        }
        using var file = PrivateFile.With(
            JsonSerializer.Serialize(new StoredObjects(objects, Quiet: true), DeployingJson.Default.StoredObjects)
        );
        await aws.AskAsync(
            stack.Region,
            cancellationToken,
            "s3api",
            "delete-objects",
            "--bucket",
            bucket,
            "--delete",
            $"file://{file.Path}"
        );
        return true;

        void AddAll(string kind)
        {
            if (listed.TryGetProperty(kind, out var some))
            {
                objects.AddRange(
                    some.EnumerateArray()
                        .Select(one => new StoredObject(one.GetProperty("Key").GetString()!, one.GetProperty("VersionId").GetString()!))
                );
            }
        }
    }
}
