using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Constructs;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Recovery;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Identity;

/// <summary>
/// Two roles, so that nobody holds both ends: people take on the one that hands templates over, and CloudFormation the one that makes what is in
/// them. The stacks that say so (this one, the foundation with the boundary, identities) are made by an administrator, with rights of their own.
/// </summary>
internal static class Deployers
{
    /// <summary>Services of which the templates have something.</summary>
    private static readonly string[] Made =
    [
        "acm:*",
        "autoscaling:*",
        "backup:*",
        "backup-storage:*",
        "cloudtrail:*",
        "cloudwatch:*",
        "ec2:*",
        "elasticache:*",
        "elasticloadbalancing:*",
        "events:*",
        "kms:*",
        "lambda:*",
        "logs:*",
        "rds:*",
        "route53:*",
        "s3:*",
        "secretsmanager:*",
        "sns:*",
        "ssm:*",
        "wafv2:*",
    ];

    /// <summary>Stacks that keep members' data, or the keys to it, or say who may what.</summary>
    private static readonly string[] Guarded = ["Foundation", "Data", "Audit", "Recovery", "RecoveryKeys", "Identity", "Deployers"];

    /// <summary>
    /// In a stack of their own, which is made first and deleted last: CloudFormation deletes a stack by the role that it made it with, so that role
    /// has to outlive all of them.
    /// </summary>
    public static void Add(Construct scope, EnvironmentSettings settings, FoundationStack foundation)
    {
        var stack = new Stack(
            scope,
            $"QuickPay-{settings.Name}-Deployers",
            new StackProps
            {
                Env = new Amazon.CDK.Environment { Region = settings.Region },
                TerminationProtection = settings.KeepsData,
                AnalyticsReporting = false,
                Synthesizer = new LegacyStackSynthesizer(),
            }
        );
        var maker = AddMaker(stack, settings);
        var deployer = new Role(
            stack,
            "Deployer",
            new RoleProps
            {
                RoleName = NameOf(settings, "deployer"),
                AssumedBy = PeopleOf(stack.Account),
                Description = "Hands templates and programs over",
                // A first deployment of `prod` takes about an hour, and one that has to wait for a database longer: it must not end in the middle.
                MaxSessionDuration = Duration.Hours(4),
            }
        );
        deployer.AddToPolicy(
            Statements.Allow(
                "Stacks",
                [
                    "cloudformation:ContinueUpdateRollback",
                    "cloudformation:CreateChangeSet",
                    "cloudformation:DeleteChangeSet",
                    "cloudformation:DeleteStack",
                    "cloudformation:DescribeChangeSet",
                    "cloudformation:DescribeEvents",
                    "cloudformation:DescribeStackEvents",
                    "cloudformation:DescribeStacks",
                    "cloudformation:ExecuteChangeSet",
                    "cloudformation:GetStackPolicy",
                    "cloudformation:GetTemplate",
                    "cloudformation:ListStackResources",
                    "cloudformation:RollbackStack",
                    "cloudformation:UpdateTerminationProtection",
                ],
                [$"arn:aws:cloudformation:*:{stack.Account}:stack/QuickPay-{settings.Name}-*"]
            )
        );
        // What was wrong with a change set is asked by the change set's own name, which has no stack in it.
        deployer.AddToPolicy(
            Statements.Allow("Why", ["cloudformation:DescribeEvents"], [$"arn:aws:cloudformation:*:{stack.Account}:changeSet/quickpay-*"])
        );
        deployer.AddToPolicy(
            Statements.Allow(
                "Hand",
                ["s3:PutObject", "s3:GetObject", "s3:ListBucket"],
                [foundation.Artifacts.BucketArn, foundation.Artifacts.ArnForObjects("*")]
            )
        );
        deployer.AddToPolicy(Statements.Allow("Seal", ["kms:GenerateDataKey", "kms:Decrypt"], [foundation.Data.KeyArn]));
        if (settings.Recovery is { } recovery)
        {
            AddElsewhere(deployer, settings, recovery, stack.Account);
        }
        // Alarms that are asked for by name need all of them.
        deployer.AddToPolicy(Statements.Allow("Guards", ["cloudwatch:DescribeAlarms"], ["*"]));
        deployer.AddToPolicy(Statements.Allow("Role", ["iam:GetRole"], [maker.RoleArn]));
        deployer.AddToPolicy(
            Statements.Allow(
                "Starter",
                ["iam:CreateServiceLinkedRole"],
                [$"arn:aws:iam::{stack.Account}:role/aws-service-role/autoscaling.amazonaws.com/*"]
            )
        );
        if (settings.Recovery is not null)
        {
            // Whether copies of secrets are where they should be; not what is in them.
            deployer.AddToPolicy(
                Statements.Allow(
                    "Copies",
                    ["secretsmanager:DescribeSecret"],
                    [$"arn:aws:secretsmanager:*:{stack.Account}:secret:quickpay/{settings.Name}/*"]
                )
            );
            // Whether the second region has taken over: then nothing is deployed.
            deployer.AddToPolicy(
                Statements.Allow(
                    "Promoted",
                    ["rds:DescribeDBInstances"],
                    [$"arn:aws:rds:{settings.Recovery.Region}:{stack.Account}:db:{RecoveryStack.NameOf(settings)}"]
                )
            );
        }
        if (settings.KeepsData)
        {
            // Whoever could delete these, or lay them open to that, would be round every protection. That one is lifted or set nobody can tell apart
            // here, so an administrator does both; and clears one away that never stood.
            deployer.AddToPolicy(
                new PolicyStatement(
                    new PolicyStatementProps
                    {
                        Sid = "NotTheseStacks",
                        Effect = Effect.DENY,
                        Actions = ["cloudformation:DeleteStack", "cloudformation:UpdateTerminationProtection"],
                        Resources =
                        [
                            .. Guarded.Select(concern =>
                                $"arn:aws:cloudformation:*:{stack.Account}:stack/QuickPay-{settings.Name}-{concern}/*"
                            ),
                        ],
                    }
                )
            );
        }
        else
        {
            // Buckets are emptied before they are deleted. Where members' money is they stay, and who takes the protection from a database is an
            // administrator.
            var buckets = $"arn:aws:s3:::quickpay-{settings.Name}-*";
            deployer.AddToPolicy(
                Statements.Allow("Empty", ["s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"], [buckets, $"{buckets}/*"])
            );
        }
        deployer.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "ToCloudFormation",
                    Actions = ["iam:PassRole"],
                    Resources = [maker.RoleArn],
                    Conditions = Statements.Equal("iam:PassedToService", "cloudformation.amazonaws.com"),
                }
            )
        );
    }

    /// <summary>Programs are handed over in the second region, too; its bucket and its key are known here by their names alone.</summary>
    private static void AddElsewhere(Role deployer, EnvironmentSettings settings, RecoverySettings recovery, string account)
    {
        var bucket = $"arn:aws:s3:::{RecoveryKeysStack.ArtifactsOf(settings, account)}";
        deployer.AddToPolicy(
            Statements.Allow("HandElsewhere", ["s3:PutObject", "s3:GetObject", "s3:ListBucket"], [bucket, $"{bucket}/programs/*"])
        );
        deployer.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "SealElsewhere",
                    Actions = ["kms:GenerateDataKey", "kms:Decrypt"],
                    Resources = [$"arn:aws:kms:{recovery.Region}:{account}:key/*"],
                    Conditions = new Dictionary<string, object>
                    {
                        ["ForAnyValue:StringEquals"] = new Dictionary<string, object>
                        {
                            ["kms:ResourceAliases"] = ServiceKey.AliasOf(settings, "data"),
                        },
                    },
                }
            )
        );
    }

    /// <summary>People of this account who have proven a second factor.</summary>
    public static IPrincipal PeopleOf(string account) =>
        new PrincipalWithConditions(
            new AccountPrincipal(account),
            new Dictionary<string, object> { ["Bool"] = new Dictionary<string, object> { ["aws:MultiFactorAuthPresent"] = "true" } }
        );

    private static Role AddMaker(Stack stack, EnvironmentSettings settings)
    {
        var maker = new Role(
            stack,
            "Maker",
            new RoleProps
            {
                RoleName = NameOf(settings, "cloudformation"),
                AssumedBy = new ServicePrincipal("cloudformation.amazonaws.com"),
                Description = "Makes what is in the templates",
            }
        );
        var roles = $"arn:aws:iam::{stack.Account}:role/*uick?ay-{settings.Name}-*";
        maker.AddToPolicy(Statements.Allow("Services", Made, ["*"]));
        maker.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "BoundedRoles",
                    Actions =
                    [
                        "iam:CreateRole",
                        "iam:PutRolePolicy",
                        "iam:AttachRolePolicy",
                        "iam:DetachRolePolicy",
                        "iam:DeleteRolePolicy",
                        "iam:PutRolePermissionsBoundary",
                    ],
                    Resources = [roles],
                    Conditions = Statements.Equal(
                        "iam:PermissionsBoundary",
                        $"arn:aws:iam::{stack.Account}:policy/{Boundary.NameOf(settings)}"
                    ),
                }
            )
        );
        maker.AddToPolicy(
            Statements.Allow(
                "Roles",
                [
                    "iam:AddRoleToInstanceProfile",
                    "iam:CreateInstanceProfile",
                    "iam:CreateServiceLinkedRole",
                    "iam:DeleteInstanceProfile",
                    "iam:DeleteRole",
                    "iam:GetInstanceProfile",
                    "iam:GetRole",
                    "iam:GetRolePolicy",
                    "iam:ListAttachedRolePolicies",
                    "iam:ListRolePolicies",
                    "iam:ListRoleTags",
                    "iam:PassRole",
                    "iam:RemoveRoleFromInstanceProfile",
                    "iam:TagRole",
                    "iam:UntagRole",
                    "iam:UpdateAssumeRolePolicy",
                    "iam:UpdateRole",
                    "iam:UpdateRoleDescription",
                ],
                [
                    roles,
                    $"arn:aws:iam::{stack.Account}:instance-profile/*uick?ay-{settings.Name}-*",
                    $"arn:aws:iam::{stack.Account}:role/aws-service-role/*",
                ]
            )
        );
        // Their names are like those of the service's roles; who may take them on is not for it to say.
        maker.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "NotWhoDeploys",
                    Effect = Effect.DENY,
                    Actions = ["iam:*"],
                    Resources =
                    [
                        .. new[] { "cloudformation", "deployer", "developer", "approver" }.Select(name =>
                            $"arn:aws:iam::{stack.Account}:role/{NameOf(settings, name)}"
                        ),
                    ],
                }
            )
        );
        if (settings.KeepsData)
        {
            foreach (var reserved in Reserved.For(stack, settings))
            {
                maker.AddToPolicy(reserved);
            }
        }
        return maker;
    }

    private static string NameOf(EnvironmentSettings settings, string role) => $"quickpay-{settings.Name}-{role}";
}
