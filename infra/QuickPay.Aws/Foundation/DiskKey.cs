using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;

namespace QuickPay.Aws.Foundation;

/// <summary>A key that servers' disks lie under.</summary>
internal static class DiskKey
{
    /// <summary>The role by which Auto Scaling starts servers opens their disks; `./quickpay aws deploy` sees that an account has it.</summary>
    public static void LetServersStart(Stack stack, Key key)
    {
        var starter = new ArnPrincipal(
            $"arn:aws:iam::{stack.Account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
        );
        key.AddToResourcePolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Principals = [starter],
                    Actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
                    Resources = ["*"],
                }
            )
        );
        key.AddToResourcePolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Principals = [starter],
                    Actions = ["kms:CreateGrant"],
                    Resources = ["*"],
                    Conditions = new Dictionary<string, object>
                    {
                        ["Bool"] = new Dictionary<string, object> { ["kms:GrantIsForAWSResource"] = true },
                    },
                }
            )
        );
    }
}
