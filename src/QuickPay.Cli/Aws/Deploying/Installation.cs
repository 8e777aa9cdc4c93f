using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>What whoever deploys decides.</summary>
/// <param name="Parameters">Of any stack; each takes its own.</param>
/// <param name="DespiteAlarms">Deploys although alarms are raised that would take it back; those do not guard it then.</param>
/// <param name="ContinuesRollback">Tries a way back that has failed once more.</param>
internal sealed record DeployOrders(
    IReadOnlyDictionary<string, string> Parameters,
    bool DespiteAlarms = false,
    bool ContinuesRollback = false
);

/// <summary>One installation as a whole: its stacks in their order, the bucket that the first one makes, and the programs in it.</summary>
/// <param name="environment"><c>dev</c> or <c>prod</c>.</param>
/// <param name="stacks">In the order in which they need each other.</param>
/// <param name="aws">AWS's command.</param>
/// <param name="time">Between two looks.</param>
/// <param name="say">Told each step.</param>
internal sealed class Installation(
    string environment,
    IReadOnlyList<PlannedStack> stacks,
    AwsTool aws,
    TimeProvider time,
    Action<string> say
)
{
    private readonly StackDeployer _deployer = new(aws, time, say);
    private readonly CloudFormationRole _role = new(environment, aws);
    private readonly SecretCopies _copies = new(aws, time, say);

    /// <summary>Whether it may be deleted only on purpose.</summary>
    public bool IsProtected => stacks.Any(stack => stack.IsProtected);

    private PlannedStack Foundation => Named("Foundation");

    /// <summary>It makes the second region's bucket; null: there is no second region.</summary>
    private PlannedStack? Elsewhere => stacks.SingleOrDefault(stack => stack.Name == $"QuickPay-{environment}-RecoveryKeys");

    /// <summary>First the bucket and the role by which all others are made. They are the last to go: CloudFormation deletes by the same role.</summary>
    private IReadOnlyList<PlannedStack> First => [Foundation, Named("Deployers")];

    private IEnumerable<PlannedStack> Rest => stacks.Except(First);

    /// <summary>Everything, from the first stack to the last; what is as it should be is passed over.</summary>
    /// <exception cref="LocalException">Something has to be put right or decided first.</exception>
    public async Task DeployAsync(
        DeployOrders orders,
        Func<IReadOnlyList<string>, Task<ProgramArchives>> build,
        CancellationToken cancellationToken
    )
    {
        await new PromotedReplica(aws).EnsureNoneAsync(stacks, cancellationToken);
        // Before an hour has gone by.
        await GuardsAsync(orders, cancellationToken);
        await EnsureNamesAreFreeAsync(cancellationToken);
        await EnsureStarterAsync(cancellationToken);
        var inputs = new StackInputs(orders.Parameters, null, null, [], orders.ContinuesRollback);
        foreach (var stack in First)
        {
            await _deployer.DeployAsync(stack, inputs with { Bucket = await BucketAsync(cancellationToken) }, cancellationToken);
        }
        var bucket =
            await BucketAsync(cancellationToken) ?? throw new LocalException($"{Foundation.Name} tells of no bucket for programs.");
        var role = await _role.FindAsync(cancellationToken);

        say("Building the programs");
        var programs = await build([Foundation.Region, .. Elsewhere is { } second ? new[] { second.Region } : []]);
        await HandOverAsync(bucket, programs.Servers, $"programs/{programs.Version}.tar.gz", cancellationToken);
        await HandOverAsync(bucket, programs.Functions, $"programs/{programs.Version}.functions.zip", cancellationToken);

        inputs = inputs with
        {
            Bucket = bucket,
            Parameters = new Dictionary<string, string>(orders.Parameters)
            {
                ["ProgramVersion"] = programs.Version,
                ["ProgramSha256"] = programs.Sha256,
            },
        };
        foreach (var stack in Rest)
        {
            var guards = stack == Named("Service") ? await GuardsAsync(orders, cancellationToken) : [];
            await _deployer.DeployAsync(stack, inputs with { Role = _role.For(stack, role), Alarms = guards }, cancellationToken);
            await _copies.EnsureAsync(stack, cancellationToken);
            // Before servers there start, and where a lost first region does not take it away.
            if (stack == Elsewhere && await BucketAsync(stack, cancellationToken) is { } copy)
            {
                await HandOverAsync(copy, programs.Servers, $"programs/{programs.Version}.tar.gz", cancellationToken);
            }
        }
        if (_deployer.Unprotected is { Count: > 0 } unprotected)
        {
            throw new LocalException(
                $"All of it stands, but {string.Join(", ", unprotected)} can be deleted, or what it keeps be replaced, by mistake: to protect such "
                    + "a stack takes an administrator. The same command by one does it."
            );
        }
    }

    /// <summary>What deploying would change, stack by stack, with the programs that are there now.</summary>
    public async Task<IReadOnlyList<StackDiff>> DiffAsync(
        IReadOnlyDictionary<string, string> parameters,
        CancellationToken cancellationToken
    )
    {
        var inputs = new StackInputs(parameters, await BucketAsync(cancellationToken), null, []);
        var role = await _role.FindAsync(cancellationToken);
        var found = new List<StackDiff>();
        foreach (var stack in First.Concat(Rest))
        {
            found.Add(await _deployer.DiffAsync(stack, inputs with { Role = _role.For(stack, role) }, cancellationToken));
        }
        return found;
    }

    /// <summary>Everything, from the last stack to the first.</summary>
    /// <returns>What is left, by name.</returns>
    public async Task<IReadOnlyList<string>> DestroyAsync(CancellationToken cancellationToken)
    {
        var role = await _role.FindAsync(cancellationToken);
        var leavings = new Leavings(aws, time, say);
        List<PlannedStack> backwards = [.. First.Concat(Rest).Reverse()];
        try
        {
            // All of it before anything is deleted: afterwards nobody knows.
            foreach (var stack in backwards)
            {
                await leavings.NoteAsync(stack, cancellationToken);
            }
            await new ReservedDeletions(aws, time, say).WithoutAsync(IsProtected ? role : null, DeleteAllAsync, cancellationToken);
            return await leavings.NamesAsync(cancellationToken);
        }
        catch (AwsException e) when (e.IsDenied && IsProtected)
        {
            throw new LocalException($"To delete an installation that keeps data takes an administrator. {e.Message}", e);
        }

        async Task DeleteAllAsync()
        {
            foreach (var stack in backwards)
            {
                await _deployer.DestroyAsync(stack, _role.For(stack, role), leavings, cancellationToken);
            }
        }
    }

    /// <summary>Before the first stack stands: later on, each stack's names are its own.</summary>
    private async Task EnsureNamesAreFreeAsync(CancellationToken cancellationToken)
    {
        if (await _deployer.StandsAsync(Foundation, cancellationToken))
        {
            return;
        }
        var missing = new List<PlannedStack>();
        foreach (var stack in stacks)
        {
            if (await _deployer.IsMissingAsync(stack, cancellationToken))
            {
                missing.Add(stack);
            }
        }
        await new TakenNames(aws).CheckAsync(missing, cancellationToken);
    }

    /// <summary>None for the first version: it is guarded by its own readiness alone.</summary>
    private async Task<IReadOnlyList<string>> GuardsAsync(DeployOrders orders, CancellationToken cancellationToken) =>
        await _deployer.StandsAsync(Named("Service"), cancellationToken)
            ? await new GuardingAlarms(environment, Foundation.Region, aws, say).LookAsync(orders.DespiteAlarms, cancellationToken)
            : [];

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

    private Task<ArtifactsBucket?> BucketAsync(CancellationToken cancellationToken) => BucketAsync(Foundation, cancellationToken);

    private async Task<ArtifactsBucket?> BucketAsync(PlannedStack stack, CancellationToken cancellationToken) =>
        await _deployer.OutputAsync(stack, "ArtifactsBucket", cancellationToken) is { } name
            ? new ArtifactsBucket(name, stack.Region)
            : null;

    /// <summary>Once under a name, and then never written again.</summary>
    private async Task HandOverAsync(ArtifactsBucket bucket, string file, string key, CancellationToken cancellationToken)
    {
        try
        {
            await aws.AskAsync(bucket.Region, cancellationToken, "s3api", "head-object", "--bucket", bucket.Name, "--key", key);
            return;
        }
        catch (AwsException e) when (e.Says("(404)")) { }
        say($"Handing over {key} in {bucket.Region}");
        await aws.AskAsync(bucket.Region, cancellationToken, "s3api", "put-object", "--bucket", bucket.Name, "--key", key, "--body", file);
    }

    private PlannedStack Named(string concern) => stacks.Single(stack => stack.Name == $"QuickPay-{environment}-{concern}");
}
