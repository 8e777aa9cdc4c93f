using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>Looks at stacks and changes nothing.</summary>
/// <param name="aws">AWS's command.</param>
/// <param name="time">Between two looks.</param>
/// <param name="say">Told what is waited for.</param>
internal sealed class StackWatch(AwsTool aws, TimeProvider time, Action<string> say)
{
    private const string NotThere = "does not exist";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>What CloudFormation knows of a stack; null when it is not there.</summary>
    public async Task<JsonElement?> FindAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        try
        {
            var found = await aws.AskAsync(
                stack.Region,
                cancellationToken,
                "cloudformation",
                "describe-stacks",
                "--stack-name",
                stack.Name
            );
            return found.GetProperty("Stacks")[0];
        }
        catch (AwsException e) when (e.Says(NotThere))
        {
            return null;
        }
    }

    /// <summary>Its status once nothing is under way; null when it is not there (any more).</summary>
    public async Task<string?> SettledAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        string? said = null;
        while (await FindAsync(stack, cancellationToken) is { } found)
        {
            var status = found.GetProperty("StackStatus").GetString()!;
            if (!StackStates.IsUnderWay(status))
            {
                return status;
            }
            if (status != said)
            {
                say($"{stack.Name}: {status}");
                said = status;
            }
            await Task.Delay(LookEvery, time, cancellationToken);
        }
        return null;
    }

    /// <summary>What the stack says of the last thing that was done to it: its status, and the first that failed.</summary>
    public async Task<string> WhyAsync(PlannedStack stack, string status, CancellationToken cancellationToken)
    {
        var events = await aws.AskAsync(
            stack.Region,
            cancellationToken,
            "cloudformation",
            "describe-stack-events",
            "--stack-name",
            stack.Name,
            "--max-items",
            "500"
        );
        var first = events
            .GetProperty("StackEvents")
            .EnumerateArray()
            // Newest first. What failed in earlier deployments explains nothing.
            .TakeWhile(one => !IsBeginning(one, stack, status))
            .Where(one => one.GetProperty("ResourceStatus").GetString()!.EndsWith("_FAILED", StringComparison.Ordinal))
            .Where(one => one.GetProperty("LogicalResourceId").GetString() != stack.Name)
            .Select(one =>
                $"{one.GetProperty("LogicalResourceId").GetString()}: {(one.TryGetProperty("ResourceStatusReason", out var reason) ? reason.GetString() : "no reason is told")}"
            )
            // What failed after it mostly only says that it was cancelled.
            .LastOrDefault();
        return $"{status}. {first ?? "No resource says why."}";
    }

    /// <summary>Whether this is where the operation began. Of a way back that failed, only the way back is of interest, not what made it necessary.</summary>
    private static bool IsBeginning(JsonElement one, PlannedStack stack, string status) =>
        one.GetProperty("LogicalResourceId").GetString() == stack.Name
        && one.GetProperty("ResourceStatus").GetString() is { } at
        && (
            status.EndsWith("ROLLBACK_FAILED", StringComparison.Ordinal)
                ? at.EndsWith("ROLLBACK_IN_PROGRESS", StringComparison.Ordinal)
                : at is "CREATE_IN_PROGRESS" or "UPDATE_IN_PROGRESS" or "DELETE_IN_PROGRESS"
        );
}
