using Amazon.CDK;
using Amazon.CDK.AWS.AutoScaling;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Constructs;
using QuickPay.Aws.Network;
using CfnLaunchTemplate = Amazon.CDK.AWS.EC2.CfnLaunchTemplate;

namespace QuickPay.Aws.Service;

/// <summary>One kind of server: how one is made, and how many there are.</summary>
/// <param name="Host">The program.</param>
/// <param name="Instance">Type of instance.</param>
/// <param name="Min">At least so many.</param>
/// <param name="Max">At most so many.</param>
/// <param name="Group">The group's name, where others must know it; null: CloudFormation makes one up.</param>
internal sealed record ServerKind(string Host, string Instance, int Min, int Max, string? Group = null);

/// <summary>
/// Servers that are replaced one after the other when their program or their settings change. CloudFormation goes on only when a new one has said
/// that it is ready; if one does not in time, the old ones come back.
/// </summary>
internal sealed class ServerGroup
{
    private const int DiskGiB = 20;
    private const int ReadyWithinMinutes = 10;

    /// <summary>Time for a new server before it is judged: as long as its start may take.</summary>
    private const int GraceSeconds = ReadyWithinMinutes * 60;

    public ServerGroup(
        Construct scope,
        string id,
        ServerKind kind,
        NetworkStack network,
        ISecurityGroup security,
        IRole role,
        IKey disks,
        Func<string, string> script,
        string[] targets
    )
    {
        var template = AddTemplate(scope, id, kind, security, role, disks, script($"{id}Servers"));
        Group = new CfnAutoScalingGroup(
            scope,
            $"{id}Servers",
            new CfnAutoScalingGroupProps
            {
                AutoScalingGroupName = kind.Group,
                // How many there are between these is not said: a new version would take away what somebody, or the load, has added.
                MinSize = $"{kind.Min}",
                MaxSize = $"{kind.Max}",
                VpcZoneIdentifier = network.Vpc.SelectSubnets(NetworkStack.PrivateSubnets).SubnetIds,
                LaunchTemplate = new CfnAutoScalingGroup.LaunchTemplateSpecificationProperty
                {
                    LaunchTemplateId = template.Ref,
                    Version = template.AttrLatestVersionNumber,
                },
                TargetGroupArns = targets,
                // Not by the load balancer's: a server is ready when its database answers, so the minute in which a database fails over would end all
                // servers at once, and begin them anew when there is most to do. One that is not ready is sent nothing, and systemd starts a program
                // again that has ended.
                HealthCheckType = "EC2",
                HealthCheckGracePeriod = GraceSeconds,
                MetricsCollection = new[] { new CfnAutoScalingGroup.MetricsCollectionProperty { Granularity = "1Minute" } },
                Tags =
                [
                    new CfnAutoScalingGroup.TagPropertyProperty
                    {
                        Key = "Name",
                        Value = kind.Host,
                        PropagateAtLaunch = true,
                    },
                ],
            }
        );
        // Of a group that begins empty nobody would say that it is ready.
        if (kind.Min > 0)
        {
            Group.CfnOptions.CreationPolicy = new CfnCreationPolicy
            {
                ResourceSignal = new CfnResourceSignal { Count = kind.Min, Timeout = $"PT{ReadyWithinMinutes}M" },
            };
        }
        Group.CfnOptions.UpdatePolicy = new CfnUpdatePolicy
        {
            AutoScalingRollingUpdate = new CfnAutoScalingRollingUpdate
            {
                MinInstancesInService = Math.Min(kind.Min, kind.Max - 1),
                MaxBatchSize = 1,
                WaitOnResourceSignals = true,
                PauseTime = $"PT{ReadyWithinMinutes}M",
                SuspendProcesses = ["HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"],
            },
        };
    }

    public CfnAutoScalingGroup Group { get; }

    private static CfnLaunchTemplate AddTemplate(
        Construct scope,
        string id,
        ServerKind kind,
        ISecurityGroup security,
        IRole role,
        IKey disks,
        string script
    )
    {
        var profile = new CfnInstanceProfile(scope, $"{id}Profile", new CfnInstanceProfileProps { Roles = [role.RoleName] });
        return new CfnLaunchTemplate(
            scope,
            $"{id}Template",
            new CfnLaunchTemplateProps
            {
                LaunchTemplateData = new CfnLaunchTemplate.LaunchTemplateDataProperty
                {
                    ImageId = MachineImage.LatestAmazonLinux2023().GetImage(scope).ImageId,
                    InstanceType = kind.Instance,
                    IamInstanceProfile = new CfnLaunchTemplate.IamInstanceProfileProperty { Arn = profile.AttrArn },
                    SecurityGroupIds = [security.SecurityGroupId],
                    // Only with a token, and only from the instance itself.
                    MetadataOptions = new CfnLaunchTemplate.MetadataOptionsProperty
                    {
                        HttpTokens = "required",
                        HttpPutResponseHopLimit = 1,
                    },
                    Monitoring = new CfnLaunchTemplate.MonitoringProperty { Enabled = true },
                    BlockDeviceMappings = new[]
                    {
                        new CfnLaunchTemplate.BlockDeviceMappingProperty
                        {
                            DeviceName = "/dev/xvda",
                            Ebs = new CfnLaunchTemplate.EbsProperty
                            {
                                VolumeType = "gp3",
                                VolumeSize = DiskGiB,
                                Encrypted = true,
                                KmsKeyId = disks.KeyArn,
                                DeleteOnTermination = true,
                            },
                        },
                    },
                    UserData = Fn.Base64(script),
                },
            }
        );
    }
}
