namespace QuickPay.Cli.Cost;

/// <summary>Types of resources that have no price, each with the reason.</summary>
internal static class FreeTypes
{
    private const string Rules = "Rules about others; AWS asks nothing for them.";
    private const string Counted = "What it makes is counted where it is used.";
    private const string Rare = "Below the first million of a month, which is free for everyone: hundreds at most.";
    private const string Part = "A part of another resource, which is counted.";

    public static readonly IReadOnlyDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["AWS::AutoScaling::LifecycleHook"] = Rules,
        ["AWS::AutoScaling::ScalingPolicy"] = Rules,
        ["AWS::AutoScaling::ScheduledAction"] = Rules,
        ["AWS::Backup::BackupSelection"] = Rules,
        ["AWS::Backup::BackupVault"] = "What it keeps is in the database's backups.",
        ["AWS::CDK::Metadata"] = Rules,
        ["AWS::CertificateManager::Certificate"] = "Public certificates are free.",
        ["AWS::CloudFormation::CustomResource"] = "Its function is counted.",
        ["AWS::Config::DeliveryChannel"] = Part,
        ["AWS::EC2::FlowLog"] = "Its lines are counted as they come into the log.",
        ["AWS::EC2::InternetGateway"] = "What goes out is counted by its size.",
        ["AWS::EC2::LaunchTemplate"] = "Its servers and disks are counted with their group.",
        ["AWS::EC2::NetworkAcl"] = Rules,
        ["AWS::EC2::NetworkAclEntry"] = Rules,
        ["AWS::EC2::Route"] = Rules,
        ["AWS::EC2::RouteTable"] = Rules,
        ["AWS::EC2::SecurityGroup"] = Rules,
        ["AWS::EC2::SecurityGroupEgress"] = Rules,
        ["AWS::EC2::SecurityGroupIngress"] = Rules,
        ["AWS::EC2::Subnet"] = Rules,
        ["AWS::EC2::SubnetRouteTableAssociation"] = Rules,
        ["AWS::EC2::VPC"] = Rules,
        ["AWS::EC2::VPCGatewayAttachment"] = Rules,
        ["AWS::ElastiCache::ParameterGroup"] = Rules,
        ["AWS::ElastiCache::SubnetGroup"] = Rules,
        ["AWS::ElastiCache::User"] = Rules,
        ["AWS::ElastiCache::UserGroup"] = Rules,
        ["AWS::ElasticLoadBalancingV2::Listener"] = Part,
        ["AWS::ElasticLoadBalancingV2::ListenerRule"] = Part,
        ["AWS::ElasticLoadBalancingV2::TargetGroup"] = Part,
        ["AWS::Events::Rule"] = "AWS's own events and schedules on the default bus are free.",
        ["AWS::IAM::InstanceProfile"] = Rules,
        ["AWS::IAM::ManagedPolicy"] = Rules,
        ["AWS::IAM::Policy"] = Rules,
        ["AWS::IAM::Role"] = Rules,
        ["AWS::KMS::Alias"] = Part,
        ["AWS::Lambda::Alias"] = Part,
        ["AWS::Lambda::EventInvokeConfig"] = Rules,
        ["AWS::Lambda::LayerVersion"] = Part,
        ["AWS::Lambda::Permission"] = Rules,
        ["AWS::Lambda::Version"] = Part,
        ["AWS::Logs::LogGroup"] = "What is written to it and kept there is counted by its size.",
        ["AWS::Logs::LogStream"] = Part,
        ["AWS::Logs::QueryDefinition"] = Rules,
        ["AWS::Logs::ResourcePolicy"] = Rules,
        ["AWS::Logs::SubscriptionFilter"] = "What receives the lines is counted.",
        ["AWS::RDS::DBParameterGroup"] = Rules,
        ["AWS::RDS::DBSubnetGroup"] = Rules,
        ["AWS::RDS::EventSubscription"] = Rules,
        ["AWS::Route53::RecordSet"] = "Questions for names of AWS's own resources are free.",
        ["AWS::S3::BucketPolicy"] = Rules,
        ["AWS::SNS::Subscription"] = Rare,
        ["AWS::SNS::Topic"] = Rare,
        ["AWS::SNS::TopicPolicy"] = Rules,
        ["AWS::SQS::Queue"] = Rare,
        ["AWS::SQS::QueuePolicy"] = Rules,
        ["AWS::SSM::Document"] = Rules,
        ["AWS::Scheduler::Schedule"] = Rare,
        ["AWS::Scheduler::ScheduleGroup"] = Rules,
        ["AWS::SecretsManager::ResourcePolicy"] = Rules,
        ["AWS::SecretsManager::RotationSchedule"] = Rules,
        ["AWS::SecretsManager::SecretTargetAttachment"] = Rules,
        ["AWS::WAFv2::IPSet"] = Counted,
        ["AWS::WAFv2::LoggingConfiguration"] = "Its lines are counted as they come into the log.",
        ["AWS::WAFv2::WebACLAssociation"] = Rules,
        ["AWS::XRay::Group"] = Rules,
        ["AWS::XRay::ResourcePolicy"] = Rules,
        ["AWS::XRay::SamplingRule"] = "What it lets through is counted as traces, unless servers are told a share.",
    };

    /// <summary>Whether a type needs no price; what a custom resource does is done by a function, which is counted.</summary>
    public static bool Has(string type) => Reasons.ContainsKey(type) || type.StartsWith("Custom::", StringComparison.Ordinal);
}
