using System.Text.Json;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>One resource that a change set would touch.</summary>
/// <param name="Action"><c>Add</c>, <c>Modify</c>, <c>Remove</c>.</param>
/// <param name="IsReplaced">Made anew, and the old one deleted.</param>
internal sealed record StackChange(string Action, string Resource, string Type, bool IsReplaced);

/// <summary>What deploying would do with a stack.</summary>
/// <param name="Stack">It.</param>
/// <param name="Changes">None: it is as it should be, unless a note says more.</param>
/// <param name="Note">What else is to be said of it.</param>
internal sealed record StackDiff(PlannedStack Stack, IReadOnlyList<StackChange> Changes, string? Note = null);

/// <summary>
/// Brings stacks to what their templates say, by change sets: CloudFormation first says what it would do, then does it, and undoes a
/// change that fails; what is new is left as it is, and undone by the next deployment. Whoever breaks off may run the same again: what is under
/// way is waited for.
/// </summary>
/// <param name="aws">AWS's command.</param>
/// <param name="time">Between two looks.</param>
/// <param name="say">Told each step.</param>
internal sealed class StackDeployer(AwsTool aws, TimeProvider time, Action<string> say)
{
    private const string LeftStanding =
        "\nWhat was made until then is left as it is, to be looked at. Once the cause is gone the same command clears it away and makes the stack anew.";
    private readonly ChangeSets _changeSets = new(aws, time);
    private readonly StackWatch _watch = new(aws, time, say);
    private readonly DeletionProtection _protection = new(aws, time, say);
    private readonly StackPolicy _policy = new(aws);
    private readonly ReservedDeletions _reserved = new(aws, time, say);
    private readonly List<string> _unprotected = [];

    /// <summary>Stacks that could be deleted by mistake, or lose what they keep by an update, since the caller may not protect them.</summary>
    public IReadOnlyList<string> Unprotected => [.. _unprotected.Distinct()];

    /// <summary>Whether there is nothing of it.</summary>
    public async Task<bool> IsMissingAsync(PlannedStack stack, CancellationToken cancellationToken) =>
        StackStates.Of(await _watch.SettledAsync(stack, cancellationToken)).OnDeploy is OnDeploy.Create;

    /// <summary>Whether it has been deployed before, so that a change of it can be taken back.</summary>
    public async Task<bool> StandsAsync(PlannedStack stack, CancellationToken cancellationToken) =>
        StackStates.Of(await _watch.SettledAsync(stack, cancellationToken)).OnDeploy is OnDeploy.Update or OnDeploy.ContinueRollback;

    /// <summary>What deploying would change. Nothing is changed by asking: the change set has a name of its own, and goes.</summary>
    public async Task<StackDiff> DiffAsync(PlannedStack stack, StackInputs inputs, CancellationToken cancellationToken)
    {
        var whole = new StackChange("Add", stack.Name, "the whole stack", IsReplaced: false);
        var status = await _watch.SettledAsync(stack, cancellationToken);
        var state = StackStates.Of(status);
        return state.OnDeploy switch
        {
            OnDeploy.Create => new StackDiff(stack, [whole]),
            OnDeploy.Update => await _changeSets.LookAsync(stack, inputs, cancellationToken) is { } changes
                ? new StackDiff(stack, changes, changes.Count > 0 ? null : "no resource: outputs alone, or what else is none")
                : new StackDiff(stack, []),
            OnDeploy.UndoCreation or OnDeploy.ClearAway => new StackDiff(
                stack,
                [whole],
                $"{status}: what is left of its first deployment would be deleted before"
            ),
            OnDeploy.FinishDeleting when !stack.IsProtected => new StackDiff(stack, [whole], $"{status}: it would be deleted before"),
            _ => new StackDiff(stack, [], $"{status}: it cannot be changed. {state.AdviceFor(stack)}"),
        };
    }

    /// <returns>False when there was nothing to change.</returns>
    /// <exception cref="AwsException">It failed, and CloudFormation has undone it; the message has why.</exception>
    /// <exception cref="LocalException">It is in a state that somebody has to put right first.</exception>
    public async Task<bool> DeployAsync(PlannedStack stack, StackInputs inputs, CancellationToken cancellationToken)
    {
        var isNew = await MakeRoomAsync(stack, inputs, cancellationToken);
        var changes = await _changeSets.MakeAsync(stack, inputs, isNew, cancellationToken);
        if (changes is not null)
        {
            say($"{stack.Name}: {(changes.Count > 0 ? $"{changes.Count} changes" : "changes of no resource")}");
            await _changeSets.ExecuteAsync(stack, isNew, cancellationToken);
            var status = await _watch.SettledAsync(stack, cancellationToken);
            if (status is not ("CREATE_COMPLETE" or "UPDATE_COMPLETE"))
            {
                throw new AwsException(
                    stack.Name,
                    status switch
                    {
                        null => "somebody has deleted it meanwhile.",
                        "CREATE_FAILED" => await _watch.WhyAsync(stack, status, cancellationToken) + LeftStanding,
                        _ => await _watch.WhyAsync(stack, status, cancellationToken),
                    }
                );
            }
        }
        else
        {
            say($"{stack.Name}: as it should be");
        }
        // Also of one that a deployment made which was broken off.
        if (stack.IsProtected && !await IsProtectedAsync(stack, cancellationToken))
        {
            try
            {
                await ProtectAsync(stack, isProtected: true, cancellationToken);
            }
            catch (AwsException e) when (e.IsDenied)
            {
                say($"{stack.Name}: anybody may delete it, and the caller may not change that");
                _unprotected.Add(stack.Name);
            }
        }
        if (StackPolicy.IsNeeded(stack))
        {
            try
            {
                await _policy.EnsureAsync(stack, cancellationToken);
            }
            catch (AwsException e) when (e.IsDenied)
            {
                say($"{stack.Name}: a template may replace what it keeps, and the caller may not change that");
                _unprotected.Add(stack.Name);
            }
        }
        return changes is not null;
    }

    /// <summary>Deletes a stack; stores that the template keeps stay, but for databases, of which a last snapshot does.</summary>
    /// <param name="stack">It.</param>
    /// <param name="role">By which CloudFormation deletes it; null: with the caller's rights.</param>
    /// <param name="leavings">Knows what it leaves.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    public async Task DestroyAsync(PlannedStack stack, string? role, Leavings leavings, CancellationToken cancellationToken)
    {
        if (await _watch.SettledAsync(stack, cancellationToken) is null)
        {
            return;
        }
        say($"{stack.Name}: deleting");
        if (stack.IsProtected)
        {
            // Not before its turn: where deleting stops, what comes later stays protected.
            await _protection.LiftAsync(stack, cancellationToken);
        }
        var status = await DeleteAsync(stack, role, cancellationToken);
        // Its groups of subnets and parameters cannot go while it stands; it cannot go by itself, since it is kept.
        await leavings.RetireDatabasesAsync(stack, cancellationToken);
        // Then these can; and logs that came into a bucket meanwhile, or a function's way into the network, are gone too.
        if (status is not null && await DeleteAsync(stack, role, cancellationToken) is { } still)
        {
            throw new AwsException(stack.Name, await _watch.WhyAsync(stack, still, cancellationToken));
        }
    }

    /// <summary>What a stack tells others, by name; null when it is not there.</summary>
    public async Task<string?> OutputAsync(PlannedStack stack, string name, CancellationToken cancellationToken) =>
        await _watch.FindAsync(stack, cancellationToken) is { } found && found.TryGetProperty("Outputs", out var outputs)
            ? outputs
                .EnumerateArray()
                .Where(output => output.GetProperty("OutputKey").GetString() == name)
                .Select(output => output.GetProperty("OutputValue").GetString())
                .FirstOrDefault()
            : null;

    /// <returns>Whether the stack is to be created.</returns>
    private async Task<bool> MakeRoomAsync(PlannedStack stack, StackInputs inputs, CancellationToken cancellationToken)
    {
        var status = await _watch.SettledAsync(stack, cancellationToken);
        var state = StackStates.Of(status);
        switch (state.OnDeploy)
        {
            case OnDeploy.Create:
                return true;
            case OnDeploy.Update:
                return false;
            case OnDeploy.UndoCreation or OnDeploy.ClearAway:
                say($"{stack.Name}: {await _watch.WhyAsync(stack, status!, cancellationToken)}");
                say($"{stack.Name}: it never stood, so what is left of it is cleared away");
                try
                {
                    await _reserved.WithoutAsync(
                        ReservedDeletions.Needed(stack, inputs.Role) ? inputs.Role : null,
                        () => ClearAwayAsync(stack, inputs.Role, state.OnDeploy is OnDeploy.UndoCreation, cancellationToken),
                        cancellationToken
                    );
                }
                catch (AwsException e) when (e.IsDenied)
                {
                    throw new LocalException(
                        $"{stack.Name}: clearing away what never stood takes an administrator where data is kept. Deploy as one; whoever deploys "
                            + $"goes on from there. {e.Message}",
                        e
                    );
                }
                return true;
            case OnDeploy.FinishDeleting when !stack.IsProtected:
                await DestroyAsync(stack, inputs.Role, new Leavings(aws, time, say), cancellationToken);
                return true;
            case OnDeploy.ContinueRollback when inputs.MayContinueRollback:
                await ContinueRollbackAsync(stack, inputs.Role, cancellationToken);
                return false;
            default:
                throw new LocalException(
                    $"{stack.Name}: {await _watch.WhyAsync(stack, status!, cancellationToken)}\n" + state.AdviceFor(stack)
                );
        }
    }

    /// <exception cref="LocalException">It is gone, but something of it could only be kept.</exception>
    private async Task ClearAwayAsync(PlannedStack stack, string? role, bool undoes, CancellationToken cancellationToken)
    {
        if (undoes)
        {
            if (stack.IsProtected)
            {
                await _protection.LiftAsync(stack, cancellationToken);
            }
            await aws.AskAsync(
                stack.Region,
                cancellationToken,
                ["cloudformation", "rollback-stack", "--stack-name", stack.Name, .. ByRole(role)]
            );
            // CloudFormation may delete the stack with that, or leave it empty.
            await _watch.SettledAsync(stack, cancellationToken);
        }
        var leavings = new Leavings(aws, time, say);
        await leavings.NoteAsync(stack, cancellationToken);
        await DestroyAsync(stack, role, leavings, cancellationToken);
        if (await leavings.NamesAsync(cancellationToken) is { Count: > 0 } left)
        {
            throw new LocalException(
                $"{stack.Name}: it is gone, but CloudFormation could not undo its creation, and deleting keeps what the template keeps. Nothing of this "
                    + $"was ever in use: delete it, then deploy again.\n"
                    + string.Join('\n', left.Select(line => $"  {line}"))
            );
        }
    }

    private async Task ContinueRollbackAsync(PlannedStack stack, string? role, CancellationToken cancellationToken)
    {
        say($"{stack.Name}: going on with the way back");
        await aws.AskAsync(
            stack.Region,
            cancellationToken,
            ["cloudformation", "continue-update-rollback", "--stack-name", stack.Name, .. ByRole(role)]
        );
        if (await _watch.SettledAsync(stack, cancellationToken) is { } status and not "UPDATE_ROLLBACK_COMPLETE")
        {
            throw new AwsException(stack.Name, await _watch.WhyAsync(stack, status, cancellationToken));
        }
    }

    /// <returns>Its status; null when it is gone.</returns>
    private async Task<string?> DeleteAsync(PlannedStack stack, string? role, CancellationToken cancellationToken)
    {
        if (stack.IsProtected)
        {
            await ProtectAsync(stack, isProtected: false, cancellationToken);
        }
        else
        {
            await new StackBuckets(aws).EmptyAllAsync(stack, cancellationToken);
        }
        await aws.AskAsync(
            stack.Region,
            cancellationToken,
            ["cloudformation", "delete-stack", "--stack-name", stack.Name, .. ByRole(role)]
        );
        return await _watch.SettledAsync(stack, cancellationToken) is { } status and not "DELETE_COMPLETE" ? status : null;
    }

    /// <summary>CloudFormation remembers a stack's role: it has to be there until the last stack that was made by it is gone.</summary>
    public static string[] ByRole(string? role) => role is null ? [] : ["--role-arn", role];

    private async Task<bool> IsProtectedAsync(PlannedStack stack, CancellationToken cancellationToken) =>
        await _watch.FindAsync(stack, cancellationToken) is { } found
        && found.TryGetProperty("EnableTerminationProtection", out var isProtected)
        && isProtected.GetBoolean();

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
}
