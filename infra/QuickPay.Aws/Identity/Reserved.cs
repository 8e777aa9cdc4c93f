using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using QuickPay.Aws.Audit;
using QuickPay.Aws.Data;
using QuickPay.Aws.Recovery;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Identity;

/// <summary>
/// What CloudFormation's role may not do where members' money is, whatever a template says: end what cannot be made anew. An administrator lifts it by
/// a tag on the role, which neither that role nor who deploys can set.
/// <para>
/// Three things it cannot refuse, since they are calls that every deployment makes, or the first one: to take the protection against deletion from a
/// database (the database cannot be deleted all the same), to give a vault or a bucket another policy, and to end that a bucket is copied to the second
/// region (what has been copied is as locked as the original).
/// </para>
/// </summary>
internal static class Reserved
{
    /// <summary>With the value <c>yes</c>, on the role.</summary>
    public const string Tag = "quickpay:may-delete";

    private static readonly string[] Everywhere =
    [
        "backup:DeleteBackupVault",
        "backup:DeleteBackupVaultAccessPolicy",
        "backup:DeleteRecoveryPoint",
        "backup:UpdateRecoveryPointLifecycle",
        "cloudtrail:DeleteTrail",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateTrail",
        // A key is made with its policy; this is to change it.
        "kms:DisableKey",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "rds:DeleteDBInstanceAutomatedBackup",
        "rds:DeleteDBSnapshot",
        // A template that no longer says whose replica one is makes it a primary: two of them, each with members' money.
        "rds:PromoteReadReplica",
        "s3:BypassGovernanceRetention",
        "s3:DeleteBucket",
        "s3:DeleteObjectVersion",
        "secretsmanager:DeleteSecret",
    ];

    public static IEnumerable<PolicyStatement> For(Stack stack, EnvironmentSettings settings)
    {
        yield return Refuse("OfAdministrators", Everywhere, ["*"]);
        // Other replicas come and go.
        yield return Refuse(
            "Ledgers",
            ["rds:DeleteDBInstance"],
            [
                .. new[] { Database.PrimaryOf(settings), RecoveryStack.NameOf(settings) }.Select(name =>
                    $"arn:aws:rds:*:{stack.Account}:db:{name}"
                ),
            ]
        );
        yield return Refuse("AuditLogs", ["logs:DeleteLogGroup", "logs:DeleteLogStream"], LogsOf(stack, settings));
    }

    /// <summary>Who called what in this account, and which statements the databases were given.</summary>
    public static string[] LogsOf(Stack stack, EnvironmentSettings settings) =>
        [
            .. new[] { AuditStack.CallsLogOf(settings), $"/aws/rds/instance/{Database.PrimaryOf(settings)}" }.Select(group =>
                $"arn:aws:logs:*:{stack.Account}:log-group:{group}*"
            ),
        ];

    private static PolicyStatement Refuse(string sid, string[] actions, string[] resources) =>
        new(
            new PolicyStatementProps
            {
                Sid = sid,
                Effect = Effect.DENY,
                Actions = actions,
                Resources = resources,
                Conditions = new Dictionary<string, object>
                {
                    // A role without the tag is no "yes" either.
                    ["StringNotEquals"] = new Dictionary<string, object> { [$"aws:PrincipalTag/{Tag}"] = "yes" },
                },
            }
        );
}
