using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>Why CloudFormation refuses a change set. What its early validation finds is not among what a change set says of itself.</summary>
internal sealed class ChangeSetFailure(AwsTool aws)
{
    /// <summary>In CloudFormation's words, a line for each thing that is wrong.</summary>
    /// <param name="stack">Whose it is.</param>
    /// <param name="set">As it was described.</param>
    /// <param name="reason">What it says of itself.</param>
    /// <param name="cancellationToken">Ends asking.</param>
    public async Task<string> WhyAsync(PlannedStack stack, JsonElement set, string reason, CancellationToken cancellationToken)
    {
        // Its name alone is not enough here, whatever the command's help says.
        if (Text(set, "ChangeSetId") is not { } id)
        {
            return reason;
        }
        string[] ask = ["cloudformation", "describe-events", "--change-set-name", id];
        string? refused = null;
        try
        {
            var events = await aws.AskAsync(stack.Region, cancellationToken, [.. ask, "--filters", "FailedEvents=true"]);
            if (Findings(events) is { Count: > 0 } found)
            {
                return string.Join("\n  ", found.Prepend(reason));
            }
        }
        // Older commands do not know it, and the caller may not be allowed to. Why the change set failed counts more.
        catch (AwsException e)
        {
            // Without the words by which a call that the caller may not do is known: the deployment is none.
            refused = e.Said.Split('\n')[^1].Replace("An error occurred ", "", StringComparison.Ordinal);
        }
        return reason.Contains("DescribeEvents", StringComparison.Ordinal) || reason.Contains("hook", StringComparison.OrdinalIgnoreCase)
            ? $"{reason}\n  {(refused is null ? "No event says more" : $"What it found could not be read ({refused})")}; by hand: "
                + $"aws {string.Join(' ', ask)} --region {stack.Region}"
            : reason;
    }

    private static List<string> Findings(JsonElement events) =>
        events.ValueKind == JsonValueKind.Object && events.TryGetProperty("OperationEvents", out var all)
            ?
            [
                .. all.EnumerateArray()
                    .Where(one => Text(one, "ValidationFailureMode") != "WARN")
                    .Select(Finding)
                    .OfType<string>()
                    .Distinct(),
            ]
            : [];

    private static string? Finding(JsonElement one)
    {
        if ((Text(one, "ValidationStatusReason") ?? Text(one, "HookStatusReason") ?? Text(one, "ResourceStatusReason")) is not { } why)
        {
            return null;
        }
        var where = Text(one, "ValidationPath") is { } path ? $" (at {path})" : "";
        return $"{Text(one, "LogicalResourceId") ?? Text(one, "HookType") ?? "The template"}: {why}{where}";
    }

    private static string? Text(JsonElement one, string name) => one.TryGetProperty(name, out var value) ? value.GetString() : null;
}
