using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Constructs;
using QuickPay.Aws.Foundation;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Identity;

/// <summary>
/// Two roles, so that nobody holds both ends: people take on the one that hands templates over, and CloudFormation the one that makes what is in
/// them. The first deployment of all, which makes these, is done by an administrator.
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
        "states:*",
        "wafv2:*",
    ];

    public static void Add(IdentityStack stack, EnvironmentSettings settings, FoundationStack foundation)
    {
        var maker = AddMaker(stack, settings);
        var deployer = new Role(
            stack,
            "Deployer",
            new RoleProps
            {
                RoleName = $"quickpay-{settings.Name}-deployer",
                AssumedBy = PeopleOf(stack.Account),
                Description = "Hands templates and programs over",
                MaxSessionDuration = Duration.Hours(1),
            }
        );
        deployer.AddToPolicy(
            Statements.Allow(
                "Stacks",
                [
                    "cloudformation:CreateChangeSet",
                    "cloudformation:DeleteChangeSet",
                    "cloudformation:DeleteStack",
                    "cloudformation:DescribeChangeSet",
                    "cloudformation:DescribeStackEvents",
                    "cloudformation:DescribeStacks",
                    "cloudformation:ExecuteChangeSet",
                    "cloudformation:GetTemplate",
                ],
                [$"arn:aws:cloudformation:*:{stack.Account}:stack/QuickPay-{settings.Name}-*"]
            )
        );
        deployer.AddToPolicy(
            Statements.Allow(
                "Hand",
                ["s3:PutObject", "s3:GetObject", "s3:ListBucket"],
                [foundation.Artifacts.BucketArn, foundation.Artifacts.ArnForObjects("*")]
            )
        );
        deployer.AddToPolicy(Statements.Allow("Seal", ["kms:GenerateDataKey", "kms:Decrypt"], [foundation.Data.KeyArn]));
        deployer.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "ToCloudFormation",
                    Actions = ["iam:PassRole"],
                    Resources = [maker.RoleArn],
                    Conditions = Equal("iam:PassedToService", "cloudformation.amazonaws.com"),
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

    private static Role AddMaker(IdentityStack stack, EnvironmentSettings settings)
    {
        var maker = new Role(
            stack,
            "Maker",
            new RoleProps
            {
                RoleName = $"quickpay-{settings.Name}-cloudformation",
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
                    ],
                    Resources = [roles],
                    Conditions = Equal("iam:PermissionsBoundary", $"arn:aws:iam::{stack.Account}:policy/{Boundary.NameOf(settings)}"),
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
                    "iam:PassRole",
                    "iam:RemoveRoleFromInstanceProfile",
                    "iam:TagRole",
                    "iam:UntagRole",
                    "iam:UpdateAssumeRolePolicy",
                ],
                [
                    roles,
                    $"arn:aws:iam::{stack.Account}:instance-profile/*uick?ay-{settings.Name}-*",
                    $"arn:aws:iam::{stack.Account}:role/aws-service-role/*",
                ]
            )
        );
        return maker;
    }

    private static Dictionary<string, object> Equal(string key, string value) =>
        new() { ["StringEquals"] = new Dictionary<string, object> { [key] = value } };
}
