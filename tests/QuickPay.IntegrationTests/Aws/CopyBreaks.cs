using System.Text.Json.Nodes;
using QuickPay.Cli.Aws.Checks;
using static QuickPay.IntegrationTests.Aws.Breaks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>The same for what is copied to the second region.</summary>
internal static class CopyBreaks
{
    private const string Bucket = "AWS::S3::Bucket";

    public static readonly IReadOnlyDictionary<string, (Action<TemplateEdit> Change, Expected[] Expected)> All = new Dictionary<
        string,
        (Action<TemplateEdit>, Expected[])
    >
    {
        ["an archive that is in one region"] = (
            edit => edit.Of(Bucket, "Archive").Remove("ReplicationConfiguration"),
            [new(InTwoRegions.Property, "Audit/Archive", "in one region")]
        ),
        ["an archive of which a part is copied"] = (
            edit => Copying(edit, "Archive")["Filter"]!["Prefix"] = "2026/",
            [new(InTwoRegions.Property, "Audit/Archive", "in one region")]
        ),
        ["a trail of which nothing under a key is copied"] = (
            edit => Copying(edit, "Trail").Remove("SourceSelectionCriteria"),
            [new(InTwoRegions.Property, "Audit/Trail", "SseKmsEncryptedObjects")]
        ),
        ["a trail that is hidden in both regions at once"] = (
            edit => Copying(edit, "Trail")["DeleteMarkerReplication"]!["Status"] = "Enabled",
            [new(InTwoRegions.Property, "Audit/Trail", "DeleteMarkerReplication")]
        ),
        ["a trail that is copied to nobody's bucket"] = (
            edit => Copying(edit, "Trail")["Destination"]!["Bucket"] = "arn:aws:s3:::another",
            [new(InTwoRegions.Property, "Audit/Trail", "arn:aws:s3:::another")]
        ),
        ["a copy that may be deleted"] = (
            edit => edit.Of(Bucket, "TrailCopy").Remove("ObjectLockConfiguration"),
            [new(InTwoRegions.Property, "Audit/Trail", "TrailCopy")]
        ),
        ["a copy that is locked for a month"] = (
            edit => edit.Of(Bucket, "ArchiveCopy")["ObjectLockConfiguration"]!["Rule"]!["DefaultRetention"]!["Days"] = 30,
            [new(InTwoRegions.Property, "Audit/Archive", "locked as long")]
        ),
        ["a copy under the key of another one"] = (
            edit =>
                Copying(edit, "Archive")["Destination"]!["EncryptionConfiguration"] = Copying(edit, "Trail")["Destination"]![
                    "EncryptionConfiguration"
                ]!.DeepClone(),
            [new(InTwoRegions.Property, "Audit/Archive", "ReplicaKmsKeyID")]
        ),
        ["a copy under a key that is nobody's"] = (
            edit =>
                Copying(edit, "Archive")["Destination"]!["EncryptionConfiguration"]!["ReplicaKmsKeyID"] =
                    "arn:aws:kms:ap-southeast-1:1:alias/another",
            [new(InTwoRegions.Property, "Audit/Archive", "ReplicaKmsKeyID"), new(KeysOfOurs.Property, "Audit/Archive", "ReplicaKmsKeyID")]
        ),
    };

    /// <summary>The rule by which a bucket is copied.</summary>
    private static JsonObject Copying(TemplateEdit edit, string bucket) =>
        edit.Of(Bucket, bucket)["ReplicationConfiguration"]!["Rules"]![0]!.AsObject();
}
