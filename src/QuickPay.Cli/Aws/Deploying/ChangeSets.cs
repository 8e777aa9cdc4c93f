using System.Text.Json;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>What CloudFormation would do with a stack, asked before it does it.</summary>
internal sealed class ChangeSets(AwsTool aws, TimeProvider time)
{
    /// <summary>Longer templates have to lie in a bucket.</summary>
    private const int BodyMax = 51_200;
    private const string ChangeSet = "quickpay";
    private const string NotThere = "does not exist";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Makes it anew. Of nothing to do none is left.</summary>
    public async Task<IReadOnlyList<StackChange>> MakeAsync(
        PlannedStack stack,
        StackInputs inputs,
        bool isNew,
        CancellationToken cancellationToken
    )
    {
        await DropAsync(stack, cancellationToken);
        // Not on the command line, where everybody on this machine could read them.
        using var file = PrivateFile.With(ParametersOf(stack, inputs.Parameters, isNew));
        await aws.AskAsync(
            stack.Region,
            cancellationToken,
            [
                "cloudformation",
                "create-change-set",
                "--stack-name",
                stack.Name,
                "--change-set-name",
                ChangeSet,
                "--change-set-type",
                isNew ? "CREATE" : "UPDATE",
                "--capabilities",
                "CAPABILITY_NAMED_IAM",
                .. await TemplateAsync(stack, inputs.Bucket, cancellationToken),
                "--parameters",
                $"file://{file.Path}",
                .. RollbackOn(isNew ? [] : inputs.Alarms),
            ]
        );
        return await ChangesAsync(stack, cancellationToken);
    }

    /// <summary>Begins to do it.</summary>
    public Task<JsonElement> ExecuteAsync(PlannedStack stack, CancellationToken cancellationToken) =>
        aws.AskAsync(
            stack.Region,
            cancellationToken,
            "cloudformation",
            "execute-change-set",
            "--stack-name",
            stack.Name,
            "--change-set-name",
            ChangeSet
        );

    private async Task<string[]> TemplateAsync(PlannedStack stack, string? bucket, CancellationToken cancellationToken)
    {
        if (new FileInfo(stack.TemplateFile).Length <= BodyMax)
        {
            return ["--template-body", $"file://{stack.TemplateFile}"];
        }
        if (bucket is null)
        {
            throw new InvalidOperationException($"The template of {stack.Name} is too long to be deployed before there is a bucket.");
        }
        var key = $"templates/{Path.GetFileName(stack.TemplateFile)}";
        await aws.AskAsync(
            stack.Region,
            cancellationToken,
            "s3api",
            "put-object",
            "--bucket",
            bucket,
            "--key",
            key,
            "--body",
            stack.TemplateFile
        );
        return ["--template-url", $"https://{bucket}.s3.{stack.Region}.amazonaws.com/{key}"];
    }

    /// <summary>What is not given stays as it was; at first it has to be given, unless the template knows a value.</summary>
    private static string ParametersOf(PlannedStack stack, IReadOnlyDictionary<string, string> parameters, bool isNew) =>
        JsonSerializer.Serialize(
            [
                .. stack
                    .Parameters.Select(name =>
                        parameters.TryGetValue(name, out var value) ? new StackParameter(name, value, null)
                        : isNew ? null
                        : new StackParameter(name, null, true)
                    )
                    .OfType<StackParameter>(),
            ],
            DeployingJson.Default.ListStackParameter
        );

    /// <summary>Alarms that take a change back, while it is made and for five minutes after.</summary>
    private static string[] RollbackOn(IReadOnlyList<string> alarms) =>
        alarms.Count == 0
            ? []
            :
            [
                "--rollback-configuration",
                JsonSerializer.Serialize(
                    new Rollback(
                        [.. alarms.Select(alarm => new RollbackTrigger(alarm, "AWS::CloudWatch::Alarm"))],
                        MonitoringTimeInMinutes: 5
                    ),
                    DeployingJson.Default.Rollback
                ),
            ];

    private async Task<IReadOnlyList<StackChange>> ChangesAsync(PlannedStack stack, CancellationToken cancellationToken)
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
                ChangeSet
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
                    await DropAsync(stack, cancellationToken);
                    return
                        reason.Contains("didn't contain changes", StringComparison.Ordinal)
                        || reason.Contains("No updates are to be performed", StringComparison.Ordinal)
                        ? []
                        : throw new AwsException(stack.Name, reason);
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

    public Task DropAsync(PlannedStack stack, CancellationToken cancellationToken) =>
        OrNotThereAsync(
            aws.AskAsync(
                stack.Region,
                cancellationToken,
                "cloudformation",
                "delete-change-set",
                "--stack-name",
                stack.Name,
                "--change-set-name",
                ChangeSet
            )
        );

    private static async Task OrNotThereAsync(Task<JsonElement> asked)
    {
        try
        {
            await asked;
        }
        catch (AwsException e) when (e.Says(NotThere) || e.Says("ChangeSetNotFound")) { }
    }
}
