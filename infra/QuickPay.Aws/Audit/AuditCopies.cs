using Amazon.CDK;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Audit;

/// <summary>One bucket of the second region that what is written to one of the first is copied to.</summary>
/// <param name="Bucket">Its name, since CloudFormation refers to nothing of another region.</param>
/// <param name="Key">The name of the key that copies lie under, of which only the alias is known elsewhere.</param>
internal sealed record AuditCopy(string Bucket, string Key);

/// <summary>
/// The audit once more, so that what has to be shown for seven years is there also when a region is not. Locked like the originals, under keys of their
/// own: who opens the trail does not open members' transfers, here neither.
/// </summary>
internal static class AuditCopies
{
    public static AuditCopy TrailOf(EnvironmentSettings settings, string account) => Of(settings, account, "trail", "audit");

    public static AuditCopy ArchiveOf(EnvironmentSettings settings, string account) => Of(settings, account, "archive", "archive");

    /// <summary>In the stack that stands before anything of the first region writes to them.</summary>
    public static void Add(Stack stack, EnvironmentSettings settings)
    {
        var (trail, archive) = (TrailOf(settings, stack.Account), ArchiveOf(settings, stack.Account));
        var ofTrail = ServiceKey.Add(stack, settings, trail.Key, "The trail's copy in the second region");
        var ofArchive = ServiceKey.Add(stack, settings, archive.Key, "The archive's copy in the second region");
        WriteOnce.AddTrail(stack, settings, "TrailCopy", ofTrail, trail.Bucket);
        WriteOnce.AddArchive(stack, settings, "ArchiveCopy", ofArchive, archive.Bucket);
    }

    private static AuditCopy Of(EnvironmentSettings settings, string account, string what, string key) =>
        new($"quickpay-{settings.Name}-{what}-{account}-{settings.Recovery!.Region}", key);
}
