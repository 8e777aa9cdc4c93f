namespace QuickPay.Cli.Aws.Deploying;

/// <summary>What a deployment does with a stack that has settled.</summary>
internal enum OnDeploy
{
    /// <summary>Nothing is there that could be in the way.</summary>
    Create,

    Update,

    /// <summary>
    /// Its first deployment never stood, so nothing of it was ever in use: its creation is undone, which deletes also what templates keep, and it is
    /// made anew.
    /// </summary>
    UndoCreation,

    /// <summary>As before, but CloudFormation has undone it already, or could not: deleting is all that is left.</summary>
    ClearAway,

    /// <summary>Half of it is gone, and nothing but deleting is left. What is protected, nobody deletes by deploying.</summary>
    FinishDeleting,

    /// <summary>Going back to the version before has failed. On demand that is tried again, and never with resources left out.</summary>
    ContinueRollback,

    /// <summary>A person has to put it right.</summary>
    Stop,
}

/// <summary>One status of CloudFormation's.</summary>
/// <param name="OnDeploy">What deploying does; destroying deletes whatever there is.</param>
/// <param name="Advice">What a person can do when deploying does not; with <c>{stack}</c>.</param>
internal sealed record StackState(OnDeploy OnDeploy, string Advice = "")
{
    public string AdviceFor(PlannedStack stack) =>
        Advice.Replace("{stack}", $"--stack-name {stack.Name} --region {stack.Region}", StringComparison.Ordinal);
}

/// <summary>
/// Every status that a stack can be in, and what is done about it. Those under way are waited for by everybody, <c>REVIEW_IN_PROGRESS</c> excepted:
/// nothing is under way there, somebody has looked at a change set.
/// </summary>
internal static class StackStates
{
    private const string ByAnother =
        "This command never leaves a stack like that, so somebody else has changed it: let CloudFormation take that back (aws cloudformation "
        + "rollback-stack {stack}), then deploy again.";

    private static readonly Dictionary<string, StackState> Settled = new()
    {
        ["REVIEW_IN_PROGRESS"] = new(OnDeploy.Create),
        ["DELETE_COMPLETE"] = new(OnDeploy.Create),
        ["CREATE_COMPLETE"] = new(OnDeploy.Update),
        ["UPDATE_COMPLETE"] = new(OnDeploy.Update),
        ["UPDATE_ROLLBACK_COMPLETE"] = new(OnDeploy.Update),
        ["IMPORT_COMPLETE"] = new(OnDeploy.Update),
        ["IMPORT_ROLLBACK_COMPLETE"] = new(OnDeploy.Update),
        ["CREATE_FAILED"] = new(OnDeploy.UndoCreation),
        ["ROLLBACK_COMPLETE"] = new(OnDeploy.ClearAway),
        ["ROLLBACK_FAILED"] = new(OnDeploy.ClearAway),
        ["DELETE_FAILED"] = new(
            OnDeploy.FinishDeleting,
            "It was to be deleted, and part of it is gone. `aws destroy` goes on with that; only then can it be made anew."
        ),
        ["UPDATE_ROLLBACK_FAILED"] = new(
            OnDeploy.ContinueRollback,
            "Put right what is told here, then deploy with --continue-rollback: CloudFormation first finishes going back. It leaves no resource out; "
                + "whoever has to skip one does so by hand (aws cloudformation continue-update-rollback --resources-to-skip)."
        ),
        ["UPDATE_FAILED"] = new(OnDeploy.Stop, ByAnother),
        ["IMPORT_ROLLBACK_FAILED"] = new(OnDeploy.Stop, ByAnother),
    };

    /// <param name="status">Null when there is no such stack.</param>
    public static StackState Of(string? status) =>
        status is null ? new StackState(OnDeploy.Create) : Settled.GetValueOrDefault(status) ?? new StackState(OnDeploy.Stop, ByAnother);

    public static bool IsUnderWay(string status) =>
        status.EndsWith("_IN_PROGRESS", StringComparison.Ordinal) && !Settled.ContainsKey(status);
}
