namespace QuickPay.Cli.Aws.Deploying;

/// <summary>What a stack is deployed with.</summary>
/// <param name="Parameters">Those of any stack; each takes its own.</param>
/// <param name="Bucket">For templates that are too long to be sent; null before there is one.</param>
/// <param name="Role">ARN of the role by which CloudFormation makes it; null: with the caller's rights.</param>
/// <param name="Alarms">ARNs of alarms that take the change back.</param>
/// <param name="MayContinueRollback">Whether a way back that has failed is tried once more.</param>
internal sealed record StackInputs(
    IReadOnlyDictionary<string, string> Parameters,
    ArtifactsBucket? Bucket,
    string? Role,
    IReadOnlyList<string> Alarms,
    bool MayContinueRollback = false
);

/// <summary>The bucket that the first stack makes; stacks of other regions are deployed from it, too.</summary>
internal sealed record ArtifactsBucket(string Name, string Region);
