using Amazon.CDK;
using Amazon.CDK.AWS.Backup;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.IAM;
using QuickPay.Aws.Data;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Audit;

/// <summary>A snapshot of the database each month, kept for twelve, and a copy in the second region where there is one.</summary>
internal static class Snapshots
{
    private const int KeptDays = 366;

    public static void Add(Stack stack, EnvironmentSettings settings, FoundationStack foundation, DataStack data)
    {
        var vault = new BackupVault(
            stack,
            "Snapshots",
            new BackupVaultProps
            {
                BackupVaultName = VaultOf(settings),
                EncryptionKey = foundation.Backups,
                BlockRecoveryPointDeletion = settings.KeepsData,
                RemovalPolicy = settings.Removal(),
            }
        );
        var plan = new BackupPlan(
            stack,
            "Monthly",
            new BackupPlanProps
            {
                BackupPlanRules =
                [
                    new BackupPlanRule(
                        new BackupPlanRuleProps
                        {
                            RuleName = "monthly",
                            BackupVault = vault,
                            // Six in the morning in Seoul, on the second: the month before is whole. RDS makes its own backup from 18:00 to 18:30 in
                            // Greenwich, and AWS Backup starts none within an hour of that.
                            ScheduleExpression = Schedule.Cron(
                                new CronOptions
                                {
                                    Minute = "0",
                                    Hour = "21",
                                    Day = "1",
                                }
                            ),
                            DeleteAfter = Duration.Days(KeptDays),
                            CopyActions = settings.Recovery is { } recovery ? [CopyTo(stack, settings, recovery.Region)] : [],
                        }
                    ),
                ],
            }
        );
        plan.AddSelection(
            "Database",
            new BackupSelectionOptions
            {
                Resources = [BackupResource.FromArn(data.Database.Primary.InstanceArn)],
                Role = AddRole(stack, settings),
            }
        );
    }

    public static string VaultOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}";

    private static BackupPlanCopyActionProps CopyTo(Stack stack, EnvironmentSettings settings, string region) =>
        new()
        {
            DestinationBackupVault = BackupVault.FromBackupVaultArn(
                stack,
                "Elsewhere",
                $"arn:aws:backup:{region}:{stack.Account}:backup-vault:{VaultOf(settings)}"
            ),
            DeleteAfter = Duration.Days(KeptDays),
        };

    private static Role AddRole(Stack stack, EnvironmentSettings settings) =>
        new(
            stack,
            "Snapshotter",
            new RoleProps
            {
                AssumedBy = new ServicePrincipal("backup.amazonaws.com"),
                ManagedPolicies = [ManagedPolicy.FromAwsManagedPolicyName("service-role/AWSBackupServiceRolePolicyForBackup")],
                PermissionsBoundary = ManagedPolicy.FromManagedPolicyName(stack, "SnapshotterAtMost", Boundary.NameOf(settings)),
            }
        );
}
