namespace QuickPay.Cli.Aws.Checks;

/// <summary>
/// Of every type somebody has decided whether it keeps something. One that nobody has looked at would pass all other properties without being
/// asked anything.
/// </summary>
internal static class KnownTypes
{
    public static readonly Property Property = new("every type of resource is known", Look);

    /// <summary>They keep nothing of ours; those that keep something are in <see cref="Encryption"/>.</summary>
    private static readonly HashSet<string> KeepNothing =
    [
        "AWS::AutoScaling::AutoScalingGroup",
        "AWS::AutoScaling::LifecycleHook",
        "AWS::AutoScaling::ScalingPolicy",
        "AWS::AutoScaling::ScheduledAction",
        "AWS::Backup::BackupPlan",
        "AWS::Backup::BackupSelection",
        "AWS::CertificateManager::Certificate",
        // A call of a function of ours while a stack is made.
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::AnomalyDetector",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::EC2::EIP",
        "AWS::EC2::FlowLog",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::NatGateway",
        "AWS::EC2::Route",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::Subnet",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPC",
        "AWS::EC2::VPCEndpoint",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::EC2::VPCPeeringConnection",
        "AWS::ElastiCache::ParameterGroup",
        "AWS::ElastiCache::SubnetGroup",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::Events::Rule",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::KMS::Alias",
        "AWS::KMS::Key",
        "AWS::KMS::ReplicaKey",
        // What they are told by their environment is looked at by PlainSecrets; what they say is in log groups.
        "AWS::Lambda::Function",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Version",
        "AWS::Logs::MetricFilter",
        "AWS::Logs::QueryDefinition",
        "AWS::Logs::ResourcePolicy",
        "AWS::Logs::SubscriptionFilter",
        "AWS::RDS::DBParameterGroup",
        "AWS::RDS::DBSubnetGroup",
        "AWS::Route53::HealthCheck",
        "AWS::Route53::RecordSet",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::SSM::Document",
        // Plain text by its nature: no secret may be in one, which PlainSecrets looks at.
        "AWS::SSM::Parameter",
        "AWS::Scheduler::Schedule",
        "AWS::Scheduler::ScheduleGroup",
        "AWS::SecretsManager::ResourcePolicy",
        // Which step an execution is at; no member's data goes through one.
        "AWS::StepFunctions::StateMachine",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::WAFv2::WebACL",
        "AWS::WAFv2::WebACLAssociation",
        "AWS::XRay::Group",
        "AWS::XRay::SamplingRule",
    ];

    private static IEnumerable<Look> Look(Installation installation) =>
        installation.All.Select(resource =>
            Checks.Look.At(
                resource,
                KeepNothing.Contains(resource.Type) || Encryption.Stores.ContainsKey(resource.Type),
                $"nobody has decided what {resource.Type} keeps: add it to {nameof(Encryption)} with the key that it must have, "
                    + $"or to {nameof(KnownTypes)} when it keeps nothing"
            )
        );
}
