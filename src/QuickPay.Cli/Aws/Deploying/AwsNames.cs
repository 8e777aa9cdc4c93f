using System.Text.Json.Serialization;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>CloudFormation's names.</summary>
internal sealed record Rollback(IReadOnlyList<RollbackTrigger> RollbackTriggers, int MonitoringTimeInMinutes);

/// <inheritdoc cref="Rollback" />
internal sealed record RollbackTrigger(string Arn, string Type);

/// <inheritdoc cref="Rollback" />
internal sealed record StackParameter(
    string ParameterKey,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ParameterValue,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? UsePreviousValue
);

/// <summary>S3's names.</summary>
internal sealed record StoredObjects(IReadOnlyList<StoredObject> Objects, bool Quiet);

/// <inheritdoc cref="StoredObjects" />
internal sealed record StoredObject(string Key, string VersionId);

[JsonSerializable(typeof(StoredObjects))]
[JsonSerializable(typeof(Rollback))]
[JsonSerializable(typeof(List<StackParameter>))]
internal sealed partial class DeployingJson : JsonSerializerContext;
