using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>One resource that a change set would touch.</summary>
/// <param name="Action"><c>Add</c>, <c>Modify</c>, <c>Remove</c>.</param>
/// <param name="IsReplaced">Made anew, and the old one deleted.</param>
internal sealed record StackChange(string Action, string Resource, string Type, bool IsReplaced);

/// <summary>
/// Brings stacks to what their templates say, by change sets: CloudFormation first says what it would do, then does it, and undoes it when
/// something fails. Whoever breaks off may run the same again: what is under way is waited for.
/// </summary>
/// <param name="aws">AWS's command.</param>
/// <param name="time">Between two looks.</param>
/// <param name="say">Told each step.</param>
internal sealed class StackDeployer(AwsTool aws, TimeProvider time, Action<string> say)
{
    private const string NotThere = "does not exist";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private readonly ChangeSets _changeSets = new(aws, time);

    /// <summary>A stack's status; null when it is not there.</summary>
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

    /// <summary>What deploying would change; empty when nothing.</summary>
    public async Task<IReadOnlyList<StackChange>> DiffAsync(PlannedStack stack, StackInputs inputs, CancellationToken cancellationToken)
    {
        var changes = await PrepareAsync(stack, inputs, cancellationToken);
        if (changes.Count > 0)
        {
            await _changeSets.DropAsync(stack, cancellationToken);
        }
        return changes;
    }

    /// <returns>False when there was nothing to change.</returns>
    /// <exception cref="AwsException">It failed, and CloudFormation has undone it; the message has why.</exception>
    public async Task<bool> DeployAsync(PlannedStack stack, StackInputs inputs, CancellationToken cancellationToken)
    {
        var changes = await PrepareAsync(stack, inputs, cancellationToken);
        if (changes.Count == 0)
        {
            say($"{stack.Name}: as it should be");
            return false;
        }
        say($"{stack.Name}: {changes.Count} changes");
        await _changeSets.ExecuteAsync(stack, cancellationToken);
        var status = await SettledAsync(stack, cancellationToken);
        if (status is not ("CREATE_COMPLETE" or "UPDATE_COMPLETE"))
        {
            throw new AwsException(stack.Name, $"{status}. {await WhyAsync(stack, cancellationToken)}");
        }
        if (stack.IsProtected)
        {
            await ProtectAsync(stack, isProtected: true, cancellationToken);
        }
        return true;
    }

    /// <summary>Deletes a stack; stores that the template keeps stay.</summary>
    public async Task DestroyAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        if (await FindAsync(stack, cancellationToken) is null)
        {
            return;
        }
        say($"{stack.Name}: deleting");
        if (stack.IsProtected)
        {
            await ProtectAsync(stack, isProtected: false, cancellationToken);
        }
        else
        {
            await new StackBuckets(aws).EmptyAllAsync(stack, cancellationToken);
        }
        await aws.AskAsync(stack.Region, cancellationToken, "cloudformation", "delete-stack", "--stack-name", stack.Name);
        if (await SettledAsync(stack, cancellationToken) is { } status && status != "DELETE_COMPLETE")
        {
            throw new AwsException(stack.Name, $"{status}. {await WhyAsync(stack, cancellationToken)}");
        }
    }

    /// <summary>What a stack tells others, by name; empty when it is not there.</summary>
    public async Task<string?> OutputAsync(PlannedStack stack, string name, CancellationToken cancellationToken) =>
        await FindAsync(stack, cancellationToken) is { } found && found.TryGetProperty("Outputs", out var outputs)
            ? outputs
                .EnumerateArray()
                .Where(output => output.GetProperty("OutputKey").GetString() == name)
                .Select(output => output.GetProperty("OutputValue").GetString())
                .FirstOrDefault()
            : null;

    private async Task<IReadOnlyList<StackChange>> PrepareAsync(PlannedStack stack, StackInputs inputs, CancellationToken cancellationToken)
    {
        var status = await SettledAsync(stack, cancellationToken);
        if (status is "ROLLBACK_COMPLETE")
        {
            // Its first deployment failed: CloudFormation lets nothing else be done with such a stack.
            await DestroyAsync(stack, cancellationToken);
            status = null;
        }
        // A review that never became a stack.
        var isNew = status is null or "REVIEW_IN_PROGRESS" or "DELETE_COMPLETE";
        return await _changeSets.MakeAsync(stack, inputs, isNew, cancellationToken);
    }

    private Task<JsonElement> ProtectAsync(PlannedStack stack, bool isProtected, CancellationToken cancellationToken) =>
        aws.AskAsync(
            stack.Region,
            cancellationToken,
            "cloudformation",
            "update-termination-protection",
            "--stack-name",
            stack.Name,
            isProtected ? "--enable-termination-protection" : "--no-enable-termination-protection"
        );

    /// <summary>Its status once nothing is under way; null when it is not there (any more).</summary>
    private async Task<string?> SettledAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        while (await FindAsync(stack, cancellationToken) is { } found)
        {
            var status = found.GetProperty("StackStatus").GetString()!;
            if (!status.EndsWith("_IN_PROGRESS", StringComparison.Ordinal) || status == "REVIEW_IN_PROGRESS")
            {
                return status;
            }
            await Task.Delay(LookEvery, time, cancellationToken);
        }
        return null;
    }

    /// <summary>The first thing that failed; what failed after it mostly only says that it was cancelled.</summary>
    private async Task<string> WhyAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        var events = await aws.AskAsync(
            stack.Region,
            cancellationToken,
            "cloudformation",
            "describe-stack-events",
            "--stack-name",
            stack.Name,
            "--max-items",
            "200"
        );
        return events
                .GetProperty("StackEvents")
                .EnumerateArray()
                .Where(one => one.GetProperty("ResourceStatus").GetString()!.EndsWith("_FAILED", StringComparison.Ordinal))
                .Select(one =>
                    $"{one.GetProperty("LogicalResourceId").GetString()}: {(one.TryGetProperty("ResourceStatusReason", out var reason) ? reason.GetString() : "no reason is told")}"
                )
                // Newest first.
                .LastOrDefault()
            ?? "No resource says why.";
    }
}
