using System.Security.Cryptography;
using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>What CloudFormation would do with a stack, asked before it does it.</summary>
internal sealed class ChangeSets(AwsTool aws, TimeProvider time)
{
    /// <summary>Longer templates have to lie in a bucket.</summary>
    private const int BodyMax = 51_200;
    private const string NotThere = "does not exist";

    /// <summary>Of deployments; whoever only looks has a name of their own, and touches no other.</summary>
    private const string Deploying = "quickpay-deploy";
    private static readonly string[] LeftStanding = ["--disable-rollback"];
    private const int TriesToDrop = 24;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private readonly ChangeSetFailure _failure = new(aws);

    /// <summary>Makes it anew, to be executed. Of nothing to do none is left.</summary>
    /// <returns>Null when there is nothing to do. None: what it changes is no resource; outputs are listed nowhere.</returns>
    public async Task<IReadOnlyList<StackChange>?> MakeAsync(
        PlannedStack stack,
        StackInputs inputs,
        bool isNew,
        CancellationToken cancellationToken
    )
    {
        // One that an earlier deployment did not come to execute.
        await DropAsync(stack, Deploying, cancellationToken);
        await CreateAsync(stack, Deploying, inputs, isNew, cancellationToken);
        var changes = await ChangesAsync(stack, Deploying, cancellationToken);
        if (changes is null)
        {
            await DropAsync(stack, Deploying, cancellationToken);
        }
        return changes;
    }

    /// <summary>Of a stack that stands: makes one, reads it, and takes it away again, whatever comes between.</summary>
    /// <inheritdoc cref="MakeAsync" path="/returns" />
    public async Task<IReadOnlyList<StackChange>?> LookAsync(PlannedStack stack, StackInputs inputs, CancellationToken cancellationToken)
    {
        var name = $"quickpay-diff-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        try
        {
            await CreateAsync(stack, name, inputs, isNew: false, cancellationToken);
            return await ChangesAsync(stack, name, cancellationToken);
        }
        finally
        {
            await DropAsync(stack, name, CancellationToken.None);
        }
    }

    /// <summary>
    /// Begins to do it. What fails while a stack is new is left standing: protected databases would stop the way back, and from there a stack can only
    /// be deleted, which keeps what the template keeps.
    /// </summary>
    public Task<JsonElement> ExecuteAsync(PlannedStack stack, bool isNew, CancellationToken cancellationToken) =>
        aws.AskAsync(
            stack.Region,
            cancellationToken,
            [
                "cloudformation",
                "execute-change-set",
                "--stack-name",
                stack.Name,
                "--change-set-name",
                Deploying,
                .. isNew ? LeftStanding : [],
            ]
        );

    private async Task CreateAsync(PlannedStack stack, string name, StackInputs inputs, bool isNew, CancellationToken cancellationToken)
    {
        // Not on the command line, where everybody on this machine could read them.
        using var file = PrivateFile.With(ParametersOf(stack, inputs.Parameters, isNew ? [] : await KnownAsync(stack, cancellationToken)));
        await aws.AskAsync(
            stack.Region,
            cancellationToken,
            [
                "cloudformation",
                "create-change-set",
                "--stack-name",
                stack.Name,
                "--change-set-name",
                name,
                "--change-set-type",
                isNew ? "CREATE" : "UPDATE",
                "--capabilities",
                "CAPABILITY_NAMED_IAM",
                .. await TemplateAsync(stack, inputs.Bucket, cancellationToken),
                "--parameters",
                $"file://{file.Path}",
                .. RollbackOn(isNew ? [] : inputs.Alarms),
                .. StackDeployer.ByRole(inputs.Role),
            ]
        );
    }

    private async Task<string[]> TemplateAsync(PlannedStack stack, ArtifactsBucket? bucket, CancellationToken cancellationToken)
    {
        if (new FileInfo(stack.TemplateFile).Length <= BodyMax)
        {
            return ["--template-body", $"file://{stack.TemplateFile}"];
        }
        if (bucket is null)
        {
            throw new InvalidOperationException($"The template of {stack.Name} is too long to be deployed before there is a bucket.");
        }
        // By what is in it, so that nobody's look changes what somebody else is deploying.
        var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(stack.TemplateFile, cancellationToken)));
        var key = $"templates/{hash[..16]}/{Path.GetFileName(stack.TemplateFile)}";
        await aws.AskAsync(
            bucket.Region,
            cancellationToken,
            "s3api",
            "put-object",
            "--bucket",
            bucket.Name,
            "--key",
            key,
            "--body",
            stack.TemplateFile
        );
        return ["--template-url", $"https://{bucket.Name}.s3.{bucket.Region}.amazonaws.com/{key}"];
    }

    /// <summary>Names of what the stack was told before. Of what is new to it there is nothing to keep.</summary>
    private async Task<HashSet<string>> KnownAsync(PlannedStack stack, CancellationToken cancellationToken)
    {
        var found = await aws.AskAsync(stack.Region, cancellationToken, "cloudformation", "describe-stacks", "--stack-name", stack.Name);
        return found.GetProperty("Stacks")[0].TryGetProperty("Parameters", out var parameters)
            ? [.. parameters.EnumerateArray().Select(one => one.GetProperty("ParameterKey").GetString()!)]
            : [];
    }

    /// <summary>What is not given stays as it was; at first it has to be given, unless the template knows a value.</summary>
    private static string ParametersOf(PlannedStack stack, IReadOnlyDictionary<string, string> parameters, HashSet<string> known) =>
        JsonSerializer.Serialize(
            [
                .. stack
                    .Parameters.Select(name =>
                        parameters.TryGetValue(name, out var value) ? new StackParameter(name, value, null)
                        : known.Contains(name) ? new StackParameter(name, null, true)
                        : null
                    )
                    .OfType<StackParameter>(),
            ],
            DeployingJson.Default.ListStackParameter
        );

    /// <summary>
    /// Alarms that take a change back, while it is made and for five minutes after. Also when there are none: of what is not said, CloudFormation
    /// keeps those of the time before.
    /// </summary>
    private static string[] RollbackOn(IReadOnlyList<string> alarms) =>
        [
            "--rollback-configuration",
            JsonSerializer.Serialize(
                new Rollback(
                    [.. alarms.Select(alarm => new RollbackTrigger(alarm, "AWS::CloudWatch::Alarm"))],
                    MonitoringTimeInMinutes: alarms.Count == 0 ? 0 : 5
                ),
                DeployingJson.Default.Rollback
            ),
        ];

    /// <inheritdoc cref="MakeAsync" path="/returns" />
    private async Task<IReadOnlyList<StackChange>?> ChangesAsync(PlannedStack stack, string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            var set = await aws.AskAsync(
                stack.Region,
                cancellationToken,
                "cloudformation",
                "describe-change-set",
                "--stack-name",
                stack.Name,
                "--change-set-name",
                name
            );
            switch (set.GetProperty("Status").GetString())
            {
                case "CREATE_COMPLETE":
                    return
                    [
                        .. set.GetProperty("Changes").EnumerateArray().Select(change => ChangeOf(change.GetProperty("ResourceChange"))),
                    ];
                case "FAILED":
                    var reason = set.TryGetProperty("StatusReason", out var said) ? said.GetString()! : "no reason is told";
                    return
                        reason.Contains("didn't contain changes", StringComparison.Ordinal)
                        || reason.Contains("No updates are to be performed", StringComparison.Ordinal)
                        ? null
                        : throw new AwsException(stack.Name, await _failure.WhyAsync(stack, set, reason, cancellationToken));
            }
            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    private static StackChange ChangeOf(JsonElement change) =>
        new(
            change.GetProperty("Action").GetString()!,
            change.GetProperty("LogicalResourceId").GetString()!,
            change.GetProperty("ResourceType").GetString()!,
            change.TryGetProperty("Replacement", out var replacement) && replacement.GetString() is "True" or "Conditional"
        );

    /// <summary>One that is still being made cannot be deleted yet.</summary>
    private async Task DropAsync(PlannedStack stack, string name, CancellationToken cancellationToken)
    {
        for (var left = TriesToDrop; ; left--)
        {
            try
            {
                await aws.AskAsync(
                    stack.Region,
                    cancellationToken,
                    "cloudformation",
                    "delete-change-set",
                    "--stack-name",
                    stack.Name,
                    "--change-set-name",
                    name
                );
                return;
            }
            catch (AwsException e) when (e.Says(NotThere) || e.Says("ChangeSetNotFound"))
            {
                return;
            }
            catch (AwsException e) when (e.Says("InvalidChangeSetStatus") && left > 0)
            {
                await Task.Delay(LookEvery, time, cancellationToken);
            }
        }
    }
}
