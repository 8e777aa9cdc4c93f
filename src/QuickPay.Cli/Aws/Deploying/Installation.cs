using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>One installation as a whole: its stacks in their order, the bucket that the first one makes, and the programs in it.</summary>
/// <param name="environment"><c>dev</c> or <c>prod</c>.</param>
/// <param name="stacks">In the order in which they need each other.</param>
/// <param name="aws">AWS's command.</param>
/// <param name="deployer">Of one stack.</param>
/// <param name="say">Told each step.</param>
internal sealed class Installation(
    string environment,
    IReadOnlyList<PlannedStack> stacks,
    AwsTool aws,
    StackDeployer deployer,
    Action<string> say
)
{
    /// <summary>Alarms that take a new version back.</summary>
    private static readonly string[] GuardingAlarms = ["errors-critical", "response-time-critical", "ready-servers"];

    /// <summary>Whether it may be deleted only on purpose.</summary>
    public bool IsProtected => stacks.Any(stack => stack.IsProtected);

    private PlannedStack Foundation => Named("Foundation");

    /// <summary>Everything, from the first stack to the last; what is as it should be is passed over.</summary>
    public async Task DeployAsync(
        IReadOnlyDictionary<string, string> parameters,
        Func<string, Task<ProgramArchives>> build,
        CancellationToken cancellationToken
    )
    {
        await EnsureStarterAsync(cancellationToken);
        await deployer.DeployAsync(Foundation, new StackInputs(parameters, Bucket: null, []), cancellationToken);
        var bucket =
            await BucketAsync(cancellationToken) ?? throw new LocalException($"{Foundation.Name} tells of no bucket for programs.");

        say("Building the programs");
        var programs = await build(Foundation.Region);
        await HandOverAsync(bucket, programs.Servers, $"programs/{programs.Version}.tar.gz", cancellationToken);
        await HandOverAsync(bucket, programs.Functions, $"programs/{programs.Version}.functions.zip", cancellationToken);

        var all = new Dictionary<string, string>(parameters) { ["ProgramVersion"] = programs.Version, ["ProgramSha256"] = programs.Sha256 };
        var alarms = await AlarmsAsync(cancellationToken);
        foreach (var stack in stacks.Where(stack => stack != Foundation))
        {
            var guards = stack == Named("Service") ? alarms : [];
            await deployer.DeployAsync(stack, new StackInputs(all, bucket, guards), cancellationToken);
        }
    }

    /// <summary>What deploying would change, stack by stack, with the programs that are there now.</summary>
    public async Task<IReadOnlyList<(PlannedStack Stack, IReadOnlyList<StackChange> Changes)>> DiffAsync(
        IReadOnlyDictionary<string, string> parameters,
        CancellationToken cancellationToken
    )
    {
        var bucket = await BucketAsync(cancellationToken);
        var found = new List<(PlannedStack, IReadOnlyList<StackChange>)>();
        foreach (var stack in stacks)
        {
            if (await deployer.FindAsync(stack, cancellationToken) is null)
            {
                found.Add((stack, [new StackChange("Add", stack.Name, "the whole stack", IsReplaced: false)]));
                continue;
            }
            found.Add((stack, await deployer.DiffAsync(stack, new StackInputs(parameters, bucket, []), cancellationToken)));
        }
        return found;
    }

    /// <summary>Everything, from the last stack to the first.</summary>
    public async Task DestroyAsync(CancellationToken cancellationToken)
    {
        foreach (var stack in stacks.Reverse())
        {
            await deployer.DestroyAsync(stack, cancellationToken);
        }
    }

    /// <summary>The role by which Auto Scaling starts servers: an account has it once somebody has used that service, and keys name it.</summary>
    private async Task EnsureStarterAsync(CancellationToken cancellationToken)
    {
        try
        {
            await aws.AskAsync(
                null,
                cancellationToken,
                "iam",
                "create-service-linked-role",
                "--aws-service-name",
                "autoscaling.amazonaws.com"
            );
        }
        catch (AwsException e) when (e.Says("has been taken in this account")) { }
    }

    private Task<string?> BucketAsync(CancellationToken cancellationToken) =>
        deployer.OutputAsync(Foundation, "ArtifactsBucket", cancellationToken);

    /// <summary>Once under a name, and then never written again.</summary>
    private async Task HandOverAsync(string bucket, string file, string key, CancellationToken cancellationToken)
    {
        try
        {
            await aws.AskAsync(Foundation.Region, cancellationToken, "s3api", "head-object", "--bucket", bucket, "--key", key);
            return;
        }
        catch (AwsException e) when (e.Says("(404)")) { }
        say($"Handing over {key}");
        await aws.AskAsync(Foundation.Region, cancellationToken, "s3api", "put-object", "--bucket", bucket, "--key", key, "--body", file);
    }

    /// <summary>None before there are any: the first version is guarded by its own readiness alone.</summary>
    private async Task<IReadOnlyList<string>> AlarmsAsync(CancellationToken cancellationToken)
    {
        if (await deployer.FindAsync(Named("Observe"), cancellationToken) is null)
        {
            return [];
        }
        var names = GuardingAlarms.Select(alarm => $"quickpay-{environment}-{alarm}");
        var alarms = await aws.AskAsync(Foundation.Region, cancellationToken, ["cloudwatch", "describe-alarms", "--alarm-names", .. names]);
        return [.. alarms.GetProperty("MetricAlarms").EnumerateArray().Select(alarm => alarm.GetProperty("AlarmArn").GetString()!)];
    }

    private PlannedStack Named(string concern) => stacks.Single(stack => stack.Name == $"QuickPay-{environment}-{concern}");
}
