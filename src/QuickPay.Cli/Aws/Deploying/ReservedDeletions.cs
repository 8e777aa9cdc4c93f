namespace QuickPay.Cli.Aws.Deploying;

/// <summary>
/// Where members' money is, CloudFormation's role is refused what ends things that cannot be made anew, whatever a template says; a tag on the role
/// lifts that. Only an administrator can set it, and it stays no longer than what needs it.
/// </summary>
/// <param name="aws">AWS's command.</param>
/// <param name="time">Until the tag is known everywhere.</param>
/// <param name="say">Told when it is lifted, and when it holds again.</param>
internal sealed class ReservedDeletions(AwsTool aws, TimeProvider time, Action<string> say)
{
    /// <summary>As the role's policy asks for it.</summary>
    private const string Tag = "quickpay:may-delete";

    /// <summary>AWS promises no time; it is seconds.</summary>
    private static readonly TimeSpan Spreading = TimeSpan.FromSeconds(20);

    /// <summary>Even when whoever waits has given up: a role that may delete everything is not left behind for want of a call.</summary>
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(30);

    /// <summary>Whether a stack could not be deleted, or its creation undone, without: it has what is kept. Logs of servers alone are not refused.</summary>
    public static bool Needed(PlannedStack stack, string? role) =>
        role is not null
        && stack.IsProtected
        && TemplateResource.In(stack).Any(resource => resource.IsRetained && resource.Type != StandingResource.LogGroup);

    /// <param name="role">Its ARN; null: nothing is refused to anybody.</param>
    /// <param name="act">What deletes.</param>
    /// <param name="cancellationToken">Ends the wait before it.</param>
    public async Task WithoutAsync(string? role, Func<Task> act, CancellationToken cancellationToken)
    {
        if (role is null)
        {
            await act();
            return;
        }
        var name = role.Split('/')[^1];
        // Also when the answer was lost: then it may be there nevertheless.
        var mayBeLifted = true;
        try
        {
            try
            {
                await aws.AskAsync(null, cancellationToken, "iam", "tag-role", "--role-name", name, "--tags", $"Key={Tag},Value=yes");
            }
            catch (AwsException e) when (e.IsDenied)
            {
                mayBeLifted = false;
                throw;
            }
            say($"{name} may delete what is kept, until this has ended");
            await Task.Delay(Spreading, time, cancellationToken);
            await act();
        }
        finally
        {
            if (mayBeLifted)
            {
                await RestoreAsync(name);
            }
        }
    }

    private async Task RestoreAsync(string name)
    {
        using var deadline = new CancellationTokenSource(LastWord);
        try
        {
            await aws.AskAsync(null, deadline.Token, "iam", "untag-role", "--role-name", name, "--tag-keys", Tag);
            say($"{name} may not delete what is kept any more");
        }
        // It went with the installation.
        catch (AwsException e) when (e.Says("NoSuchEntity")) { }
        // What has ended this is told, rather than what could not be put back after it.
        catch (Exception e) when (e is AwsException or OperationCanceledException)
        {
            say(
                $"{name} could not be forbidden again to delete what is kept. Do that by hand: aws iam untag-role --role-name {name} --tag-keys {Tag}"
                    + $" ({e.Message})"
            );
        }
    }
}
