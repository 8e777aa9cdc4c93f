namespace QuickPay.Cli.Aws.Deploying;

/// <summary>What a stack is deployed with.</summary>
/// <param name="Parameters">Those of any stack; each takes its own.</param>
/// <param name="Bucket">For templates that are too long to be sent; null before there is one.</param>
/// <param name="Alarms">ARNs of alarms that take the change back.</param>
internal sealed record StackInputs(IReadOnlyDictionary<string, string> Parameters, string? Bucket, IReadOnlyList<string> Alarms);
