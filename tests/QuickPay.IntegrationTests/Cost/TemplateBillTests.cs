using QuickPay.Cli.Cost;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Cost;

/// <summary>What each kind of resource is billed as.</summary>
public sealed class TemplateBillTests
{
    private const decimal Hours = 730;

    [Fact]
    public void What_has_no_price_and_no_reason_to_be_free_is_an_error_that_names_it()
    {
        var wrong = Assert.Throws<UnpricedException>(() => Handwritten.Bill(Handwritten.Resource("Blocks", "AWS::QLDB::Ledger")));

        Assert.Contains("Test/Blocks (AWS::QLDB::Ledger)", wrong.Message);
    }

    [Fact]
    public void A_size_without_a_price_is_an_error_that_names_it()
    {
        var wrong = Assert.Throws<UnpricedException>(() =>
            Handwritten.Bill(Handwritten.Database().Replace("db.r5.large", "db.x2g.large", StringComparison.Ordinal))
        );

        Assert.Contains("Test/Primary (AWS::RDS::DBInstance)", wrong.Message);
        Assert.Contains("db.x2g.large", wrong.Message);
    }

    [Theory]
    [InlineData("AWS::RDS::DBInstance", """{ "Engine": "mysql" }""")]
    [InlineData("AWS::RDS::DBInstance", """{ "Engine": "postgres", "Iops": 12000 }""")]
    [InlineData("AWS::RDS::DBInstance", """{ "Engine": "postgres", "PerformanceInsightsRetentionPeriod": 731 }""")]
    [InlineData("AWS::ElasticLoadBalancingV2::LoadBalancer", """{ "Type": "network" }""")]
    [InlineData("AWS::EC2::VPCEndpoint", """{ "VpcEndpointType": "GatewayLoadBalancer" }""")]
    [InlineData("AWS::EC2::VPCEndpoint", """{ "VpcEndpointType": "Interface" }""")]
    [InlineData("AWS::ElasticLoadBalancingV2::LoadBalancer", """{ "Scheme": "internet-facing" }""")]
    [InlineData("AWS::WAFv2::WebACL", """{ "Rules": [ { "Statement": { "Name": "AWSManagedRulesBotControlRuleSet" } } ] }""")]
    [InlineData("AWS::CloudWatch::Alarm", """{ "ThresholdMetricId": "band" }""")]
    [InlineData("AWS::CloudTrail::Trail", """{ "InsightSelectors": [] }""")]
    [InlineData("AWS::AutoScaling::AutoScalingGroup", """{ "MixedInstancesPolicy": {} }""")]
    [InlineData(
        "AWS::AutoScaling::AutoScalingGroup",
        """{ "MinSize": { "Ref": "Size" }, "LaunchTemplate": { "LaunchTemplateId": { "Ref": "Like" } } }"""
    )]
    public void What_costs_more_than_was_written_down_is_an_error(string type, string properties)
    {
        var wrong = Assert.Throws<UnpricedException>(() =>
            Handwritten.Bill($"{Handwritten.Resource("It", type, properties)}, {Handwritten.Resource("Like", "AWS::EC2::LaunchTemplate")}")
        );

        Assert.Contains($"Test/It ({type})", wrong.Message);
    }

    [Fact]
    public void A_group_that_scales_has_the_average_and_another_its_least_and_only_what_is_always_there_can_be_reserved()
    {
        var bill = Handwritten.Bill(Handwritten.Servers);

        var servers = bill
            .Items.Where(item => item.Usage.Price == "ec2.t3.medium")
            .ToDictionary(item => item.Usage.Item, item => item.Usage);
        Assert.Equal((5 * Hours, 3 * Hours), (servers[Items.ApiServers].Quantity, servers[Items.ApiServers].Reservable));
        Assert.Equal((2 * Hours, 2 * Hours), (servers["other servers (Worker)"].Quantity, servers["other servers (Worker)"].Reservable));
        Assert.Equal(7 * 20, bill.Quantity("ebs.gp3"));
        Assert.Equal(7 * 7 + 50, bill.Quantity("cloudwatch.metric"));
    }

    [Fact]
    public void Servers_that_are_given_are_billed_and_fewer_than_the_least_are_refused()
    {
        var bill = Handwritten.Bill(Handwritten.Servers, Sizing.For(Volume.OfTheCaseStudy, servers: 9));

        Assert.Equal(9 * Hours, bill.Items.Single(item => item.Usage.Item == Items.ApiServers).Usage.Quantity);
        Assert.Throws<LocalException>(() => Handwritten.Bill(Handwritten.Servers, Sizing.For(Volume.OfTheCaseStudy, servers: 2)));
    }

    [Fact]
    public void Two_zones_are_two_servers_and_two_disks_once()
    {
        var bill = Handwritten.Bill(Handwritten.Database());

        Assert.Equal(2 * Hours, bill.Quantity("rds.db.r5.large"));
        Assert.Equal(1_000, bill.Quantity("rds.gp3"));
        Assert.Equal(200, bill.Quantity("rds.backup"));
        Assert.Equal(350.40m, bill.Items.Single(item => item.Usage.Item == Items.Database).Amount);
    }

    [Fact]
    public void A_read_replica_is_a_line_of_its_own_without_backups()
    {
        var replica = """
            , "Replica": { "Type": "AWS::RDS::DBInstance", "Properties": { "SourceDBInstanceIdentifier": "quickpay", "DBInstanceClass": "db.r5.large",
              "StorageType": "gp3", "AllocatedStorage": "500", "SourceRegion": "ap-northeast-2" } }
            """;

        var bill = Handwritten.Bill(Handwritten.Database() + replica);

        Assert.Equal(Hours, bill.Items.Single(item => item.Usage.Item == "read replicas").Usage.Quantity);
        Assert.Equal(500, bill.Items.Single(item => item.Usage.Item == "storage of read replicas").Usage.Quantity);
        Assert.Equal(200, bill.Quantity("rds.backup"));
        Assert.Equal(899.25m, bill.Quantity("transfer.regions"));
    }

    [Fact]
    public void A_replica_that_says_nothing_of_its_storage_has_that_of_its_source()
    {
        var replica = Handwritten.Resource(
            "Replica",
            "AWS::RDS::DBInstance",
            """{ "SourceDBInstanceIdentifier": "quickpay", "DBInstanceClass": "db.r5.large", "StorageType": "gp3", "MultiAZ": true }"""
        );

        var bill = Handwritten.Bill($"{Handwritten.Database()}, {replica}");

        Assert.Equal(2 * 500, bill.Items.Single(item => item.Usage.Item == "storage of read replicas").Usage.Quantity);
        Assert.Contains("a size that it does not say", Assert.Throws<UnpricedException>(() => Handwritten.Bill(replica)).Message);
    }

    [Theory]
    [InlineData("""[ { "Ebs": { "VolumeType": "gp3" } } ]""", "a size that it does not say")]
    [InlineData("""[ { "Ebs": { "VolumeType": "gp3", "VolumeSize": 20, "Iops": 9000 } } ]""", "more than its base speed")]
    [InlineData("""[ { "Ebs": { "VolumeSize": 20 } } ]""", "no price of ebs.gp2")]
    [InlineData("[]", "sizes that only its image says")]
    public void A_disk_of_unknown_price_is_an_error(string disks, string message)
    {
        var servers = Handwritten.Servers.Replace(
            """[ { "Ebs": { "VolumeType": "gp3", "VolumeSize": 20 } } ]""",
            disks,
            StringComparison.Ordinal
        );

        Assert.Contains(message, Assert.Throws<UnpricedException>(() => Handwritten.Bill(servers)).Message);
    }

    [Fact]
    public void A_copy_of_backups_elsewhere_is_kept_whole_and_its_growth_is_sent()
    {
        var plan = Handwritten.Resource(
            "Plan",
            "AWS::Backup::BackupPlan",
            """{ "BackupPlan": { "BackupPlanRule": [ { "CopyActions": [{}] } ] } }"""
        );

        var bill = Handwritten.Bill($"{Handwritten.Database()}, {plan}");

        Assert.Equal(500 + 200, bill.Items.Single(item => item.Usage.Item == "RDS: copies of backups").Usage.Quantity);
        Assert.Equal(200, bill.Quantity("transfer.regions"));
    }

    [Theory]
    [InlineData("""{ "CacheNodeType": "cache.r5.large", "NumCacheClusters": 3, "SnapshotRetentionLimit": 7 }""", 1, 2)]
    [InlineData("""{ "CacheNodeType": "cache.r5.large", "NumNodeGroups": 2, "ReplicasPerNodeGroup": 2 }""", 2, 4)]
    [InlineData("""{ "CacheNodeType": "cache.r5.large", "NumCacheClusters": 1 }""", 1, 0)]
    public void Nodes_of_Redis_are_counted(string properties, int primaries, int replicas)
    {
        var bill = Handwritten.Bill(Handwritten.Resource("Cache", "AWS::ElastiCache::ReplicationGroup", properties));

        Assert.Equal(primaries * Hours, bill.Items.Single(item => item.Usage.Item == Items.Primary).Usage.Quantity);
        Assert.Equal(replicas * Hours, bill.Items.Where(item => item.Usage.Item == Items.CacheReplicas).Sum(item => item.Usage.Quantity));
        Assert.Equal(properties.Contains("Snapshot", StringComparison.Ordinal), bill.Quantity("cache.backup") > 0);
    }

    [Theory]
    [InlineData("AWS::EC2::NatGateway", "{}", "nat.hour", 730)]
    [InlineData("AWS::EC2::EIP", "{}", "ipv4.hour", 730)]
    [InlineData("AWS::EC2::VPCEndpoint", """{ "VpcEndpointType": "Interface", "SubnetIds": [1, 2, 3] }""", "endpoint.hour", 2_190)]
    [InlineData("AWS::EC2::VPCEndpoint", """{ "VpcEndpointType": "Gateway" }""", "endpoint.hour", 0)]
    [InlineData(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        """{ "Scheme": "internet-facing", "Subnets": [1, 2, 3] }""",
        "ipv4.hour",
        2_190
    )]
    [InlineData("AWS::ElasticLoadBalancingV2::LoadBalancer", "{}", "alb.lcu", 3_000)]
    [InlineData("AWS::WAFv2::WebACL", """{ "Rules": [{}, {}, {}] }""", "waf.rule", 3)]
    [InlineData("AWS::WAFv2::WebACL", """{ "Rules": [] }""", "waf.million-requests", 450)]
    [InlineData("AWS::CloudWatch::Alarm", """{ "Period": 60 }""", "cloudwatch.alarm", 1)]
    [InlineData("AWS::CloudWatch::Alarm", """{ "Period": 10 }""", "cloudwatch.fast-alarm", 1)]
    [InlineData(
        "AWS::CloudWatch::Alarm",
        """{ "Metrics": [ { "MetricStat": { "Period": 60 } }, { "MetricStat": { "Period": 60 } }, { "Expression": "a/b" } ] }""",
        "cloudwatch.alarm",
        2
    )]
    [InlineData("AWS::CloudWatch::CompositeAlarm", "{}", "cloudwatch.composite-alarm", 1)]
    [InlineData("AWS::CloudWatch::Dashboard", "{}", "cloudwatch.dashboard", 1)]
    [InlineData("AWS::Logs::MetricFilter", """{ "MetricTransformations": [{}] }""", "cloudwatch.metric", 1)]
    [InlineData("AWS::KMS::Key", "{}", "kms.key", 1)]
    [InlineData("AWS::Route53::HealthCheck", """{ "HealthCheckConfig": { "Type": "CALCULATED" } }""", "route53.health-check-option", 0)]
    [InlineData(
        "AWS::Route53::HealthCheck",
        """{ "HealthCheckConfig": { "Type": "HTTPS_STR_MATCH", "RequestInterval": 10, "MeasureLatency": true, "SearchString": "ok" } }""",
        "route53.health-check-option",
        4
    )]
    [InlineData("AWS::SecretsManager::Secret", """{ "ReplicaRegions": [{}] }""", "secrets.secret", 2)]
    [InlineData("AWS::CloudTrail::Trail", "{}", "cloudtrail.hundred-thousand-events", 0)]
    [InlineData(
        "AWS::CloudTrail::Trail",
        """{ "EventSelectors": [ { "DataResources": [] } ] }""",
        "cloudtrail.hundred-thousand-events",
        10
    )]
    [InlineData("AWS::Route53::HealthCheck", "{}", "route53.health-check", 1)]
    [InlineData("AWS::Lambda::Function", """{ "MemorySize": 1024 }""", "lambda.gb-second", 310)]
    [InlineData("AWS::S3::Bucket", "{}", "s3.standard", 1_200)]
    [InlineData("AWS::S3::Bucket", """{ "ReplicationConfiguration": {} }""", "transfer.regions", 1_200)]
    [InlineData("AWS::Backup::BackupPlan", "{}", "rds.backup", 0)]
    [InlineData(
        "AWS::Backup::BackupPlan",
        """{ "BackupPlan": { "BackupPlanRule": [ { "CopyActions": [{}] } ] } }""",
        "transfer.regions",
        200
    )]
    [InlineData("Custom::Anything", "{}", "none", 0)]
    [InlineData("AWS::WAFv2::LoggingConfiguration", "{}", "logs.gb", 675)]
    [InlineData("AWS::WAFv2::LoggingConfiguration", """{ "LoggingFilter": { "DefaultBehavior": "DROP" } }""", "logs.gb", 6.75)]
    [InlineData("AWS::RDS::DBParameterGroup", """{ "Parameters": { "pgaudit.log": "ddl,role,write" } }""", "logs.gb", 300)]
    [InlineData("AWS::RDS::DBParameterGroup", """{ "Parameters": { "pgaudit.log": "read,write" } }""", "logs.gb", 750)]
    [InlineData("AWS::EC2::FlowLog", """{ "LogDestinationType": "cloud-watch-logs" }""", "logs.gb", 22.5)]
    [InlineData("AWS::EC2::FlowLog", """{ "LogDestinationType": "s3" }""", "logs.gb", 0)]
    public void It_is_billed_as(string type, string properties, string price, double quantity) =>
        Assert.Equal((decimal)quantity, Handwritten.Bill(Handwritten.Resource("It", type, properties)).Quantity(price));

    /// <summary>An archive by the transfers, a trail by its events: a million a month, kept for seven years.</summary>
    [Fact]
    public void What_is_copied_to_the_second_region_is_sent_and_kept_there()
    {
        const string copied = """
            { "ReplicationConfiguration": { "Rules": [ { "Destination": { "Metrics": { "Status": "Enabled" } } } ] },
              "LifecycleConfiguration": { "Rules": [ { "ExpirationInDays": 2558 } ] } }
            """;
        var bill = Handwritten.Bill(
            $"{Handwritten.Resource("Files", "AWS::S3::Bucket", copied)}, {Handwritten.Resource("Archive", "AWS::S3::Bucket", copied)}, "
                + Handwritten.Resource("Trail", "AWS::CloudTrail::Trail", """{ "S3BucketName": { "Ref": "Files" } }""")
        );
        var there = bill
            .Items.Where(item => item.Usage.Group == Groups.SecondRegion)
            .ToDictionary(item => item.Usage.Item, item => item.Usage.Quantity);

        const decimal trail = 0.5m * 2558 / 30;
        Assert.Equal(1_200, there["Data transfer: archive to the second region"]);
        Assert.Equal(1_200, there["S3: copy of the archive"]);
        Assert.Equal(0.5m, there["Data transfer: trail to the second region"]);
        Assert.Equal(trail, there["S3: copy of the trail"]);
        Assert.Equal(8, bill.Quantity("cloudwatch.metric"));
        // And the originals.
        Assert.Equal(2 * (1_200 + trail), bill.Quantity("s3.standard"));
    }

    [Fact]
    public void A_promise_of_when_it_is_copied_has_no_price_here() =>
        Assert.Contains(
            "S3 RTC",
            Assert
                .Throws<UnpricedException>(() =>
                    Handwritten.Bill(
                        Handwritten.Resource(
                            "It",
                            "AWS::S3::Bucket",
                            """{ "ReplicationConfiguration": { "Rules": [ { "Destination": { "ReplicationTime": {} } } ] } }"""
                        )
                    )
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Logs_are_kept_as_long_as_the_longest_of_their_groups()
    {
        var logged = Handwritten.Resource("Flows", "AWS::EC2::FlowLog");

        decimal Kept(string properties) =>
            Handwritten.Bill($"{logged}, {Handwritten.Resource("Log", "AWS::Logs::LogGroup", properties)}").Quantity("logs.kept");

        Assert.Equal(22.5m * 0.15m, Kept("""{ "RetentionInDays": 30 }"""));
        Assert.Equal(22.5m * 0.15m * 2_555 / 30, Kept("{}"));
    }

    [Fact]
    public void The_access_log_is_kept_for_the_days_of_its_bucket()
    {
        var balancer = Handwritten.Resource(
            "Balancer",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            """{ "LoadBalancerAttributes": [ { "Key": "access_logs.s3.bucket", "Value": { "Ref": "Log" } } ] }"""
        );
        var bucket = Handwritten.Resource(
            "Log",
            "AWS::S3::Bucket",
            """{ "LifecycleConfiguration": { "Rules": [ { "ExpirationInDays": 60 } ] } }"""
        );

        Assert.Equal(90, Handwritten.Bill($"{balancer}, {bucket}").Items.Single(item => item.Usage.Item == "access log").Usage.Quantity);
    }

    [Fact]
    public void A_volume_that_is_too_large_for_the_template_makes_it_larger_and_says_so()
    {
        var tenfold = new Volume(10_000_000, 50_000_000);
        var resources = $"{Handwritten.Servers}, {Handwritten.Database()}";

        var bill = Handwritten.Bill(resources, tenfold);
        var notes = Handwritten.Notes(resources, Sizing.For(tenfold));

        Assert.Equal(32 * Hours, bill.Items.Single(item => item.Usage.Item == Items.ApiServers).Usage.Quantity);
        Assert.Equal(2 * Hours, bill.Quantity("rds.db.r5.4xlarge"));
        Assert.Equal(10_000, bill.Quantity("rds.gp3"));
        Assert.Contains(notes, note => note.Contains("32 API servers", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("db.r5.4xlarge", StringComparison.Ordinal));
        Assert.Empty(Handwritten.Notes(resources, Sizing.For(Volume.OfTheCaseStudy)));
    }

    [Fact]
    public void A_difference_is_explained_to_the_cent()
    {
        var bill = Handwritten.Bill($"{Handwritten.Servers}, {Handwritten.Database()}", new Volume(2_000_000, 7_000_000));

        var lines = Comparison.Of(bill, CaseStudy.Bill);

        Assert.All(lines, line => Assert.Equal(line.Difference, line.Why.Sum(reason => reason.Amount)));
        Assert.Equal(bill.Total - CaseStudy.Bill.Total, lines.Sum(line => line.Difference));
        Assert.Contains(
            lines.Single(line => line.Group == "EC2").Why,
            why => why.Text.Contains("0.052 instead of 0.0416", StringComparison.Ordinal)
        );
        Assert.Contains(
            lines.Single(line => line.Group == "WAF").Why,
            why => why.Text.Contains("only in the case study", StringComparison.Ordinal)
        );
    }
}
