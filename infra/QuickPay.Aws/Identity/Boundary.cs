using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Constructs;
using QuickPay.Aws.Recovery;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Identity;

/// <summary>
/// What a role of the running service can do at most, whatever policy somebody attaches to it: nothing about identities, keys' policies
/// or trails, and of networks only to take a way in away. Whoever deploys may make roles with this boundary alone.
/// </summary>
internal static class Boundary
{
    private static readonly string[] Allowed =
    [
        "backup:CopyFromBackupVault",
        "backup:CopyIntoBackupVault",
        "backup:DescribeBackupVault",
        "autoscaling:CompleteLifecycleAction",
        "autoscaling:RecordLifecycleActionHeartbeat",
        "autoscaling:SetDesiredCapacity",
        "cloudformation:SignalResource",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "cloudwatch:PutMetricData",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeTags",
        "ec2:RevokeSecurityGroupIngress",
        "ec2messages:AcknowledgeMessage",
        "ec2messages:DeleteMessage",
        "ec2messages:FailMessage",
        "ec2messages:GetEndpoint",
        "ec2messages:GetMessages",
        "ec2messages:SendReply",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "events:PutEvents",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "logs:PutRetentionPolicy",
        "rds:AddTagsToResource",
        "rds:CopyDBSnapshot",
        "rds:CreateDBSnapshot",
        "rds:DeleteDBSnapshot",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots",
        "rds:ListTagsForResource",
        "rds:PromoteReadReplica",
        "rds:RebootDBInstance",
        "rds-db:connect",
        "route53:ListResourceRecordSets",
        "route53:UpdateHealthCheck",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:PutObject",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
        "sns:Publish",
        "ssm:DescribeAssociation",
        "ssm:DescribeDocument",
        "ssm:GetDeployablePatchSnapshotForInstance",
        "ssm:GetDocument",
        "ssm:GetManifest",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:ListAssociations",
        "ssm:ListInstanceAssociations",
        "ssm:PutInventory",
        "ssm:StartAutomationExecution",
        "ssm:PutComplianceItems",
        "ssm:PutConfigurePackageResult",
        "ssm:UpdateInstanceInformation",
        "ssm:UpdateAssociationStatus",
        "ssm:UpdateInstanceAssociationStatus",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ];

    /// <summary>Of the role that S3 copies the audit by, where there is somewhere to copy it to.</summary>
    private static readonly string[] ToCopy =
    [
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionTagging",
        "s3:GetReplicationConfiguration",
        "s3:ReplicateObject",
        "s3:ReplicateTags",
    ];

    public static void Add(Construct scope, EnvironmentSettings settings) =>
        _ = new ManagedPolicy(
            scope,
            "Boundary",
            new ManagedPolicyProps
            {
                ManagedPolicyName = NameOf(settings),
                Description = "At most what a role of the service may do",
                Statements =
                [
                    new PolicyStatement(
                        new PolicyStatementProps
                        {
                            Sid = "AtMost",
                            Actions = settings.Recovery is null ? Allowed : [.. Allowed, .. ToCopy],
                            Resources = ["*"],
                        }
                    ),
                    .. settings.Recovery is null ? [] : (PolicyStatement[])[HandOver(scope, settings)],
                ],
            }
        );

    /// <summary>The one role that another one hands over: a started promotion works by it.</summary>
    private static PolicyStatement HandOver(Construct scope, EnvironmentSettings settings) =>
        new(
            new PolicyStatementProps
            {
                Sid = "HandOver",
                Actions = ["iam:PassRole"],
                Resources = [$"arn:aws:iam::{Stack.Of(scope).Account}:role/{Promotion.RoleOf(settings)}"],
                Conditions = Statements.Equal("iam:PassedToService", "ssm.amazonaws.com"),
            }
        );

    /// <summary>For every role in a scope.</summary>
    public static void Of(Construct scope, EnvironmentSettings settings) =>
        Amazon.CDK.AWS.IAM.PermissionsBoundary.Of(scope).Apply(ManagedPolicy.FromManagedPolicyName(scope, "AtMost", NameOf(settings)));

    public static string NameOf(EnvironmentSettings settings) => $"quickpay-{settings.Name}-boundary";
}
