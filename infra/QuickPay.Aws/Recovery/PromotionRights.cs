using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Identity;
using QuickPay.Aws.Network;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Recovery;

/// <summary>The role by which a promotion works: what its steps call, and nothing else.</summary>
internal static class PromotionRights
{
    public static Role Add(Stack stack, EnvironmentSettings settings, string replica, FirstRegion first, Topic topic, IKey topics)
    {
        var role = new Role(
            stack,
            "Promoter",
            new RoleProps
            {
                RoleName = Promotion.RoleOf(settings),
                AssumedBy = Statements.OwnService(stack, "ssm.amazonaws.com"),
                Description = "Shuts the first region out and promotes the replica",
            }
        );
        var primary = $"arn:aws:rds:{first.Name}:{stack.Account}:db:{first.Database}";
        var alarms = $"arn:aws:cloudwatch:{WatchStack.Home}:{stack.Account}:alarm";
        role.AddToPolicy(
            Statements.Allow(
                "Promote",
                ["rds:PromoteReadReplica", "rds:DescribeDBInstances"],
                [$"arn:aws:rds:{stack.Region}:{stack.Account}:db:{replica}"]
            )
        );
        role.AddToPolicy(SecondWorkers.MayStart(stack, settings));
        role.AddToPolicy(Statements.Allow("AskForWord", ["sns:Publish"], [topic.TopicArn]));
        role.AddToPolicy(Statements.Allow("SealTheQuestion", ["kms:GenerateDataKey", "kms:Decrypt"], [topics.KeyArn]));
        role.AddToPolicy(
            Statements.Allow(
                "SeeTheAlarm",
                ["cloudwatch:DescribeAlarms"],
                [$"{alarms}:{WatchStack.NameOf(settings, WatchStack.Lost)}", $"{alarms}:{WatchStack.NameOf(settings, WatchStack.Silent)}"]
            )
        );
        role.AddToPolicy(
            Statements.Allow("FindTheName", ["route53:ListResourceRecordSets"], [$"arn:aws:route53:::hostedzone/{first.Zone}"])
        );
        // The id of the health check is known only to the record that it stands before.
        role.AddToPolicy(Statements.Allow("FenceTheName", ["route53:UpdateHealthCheck"], ["arn:aws:route53:::healthcheck/*"]));
        role.AddToPolicy(Statements.Allow("CutOff", ["rds:DescribeDBInstances", "rds:RebootDBInstance"], [primary]));
        // Figures and lists know no resource.
        role.AddToPolicy(Statements.Allow("Look", ["ec2:DescribeSecurityGroups", "cloudwatch:GetMetricData"], ["*"]));
        role.AddToPolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "Close",
                    Actions = ["ec2:RevokeSecurityGroupIngress"],
                    Resources = [$"arn:aws:ec2:{first.Name}:{stack.Account}:security-group/*"],
                    Conditions = new Dictionary<string, object>
                    {
                        ["StringEquals"] = new Dictionary<string, object>
                        {
                            [$"aws:ResourceTag/{SecurityGroups.GuardsTag}"] = SecurityGroups.GuardsDatabase,
                            ["aws:ResourceTag/quickpay:environment"] = settings.Name,
                        },
                    },
                }
            )
        );
        return role;
    }
}
