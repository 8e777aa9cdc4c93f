using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>F3: what serves members in the second region.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class SecondServiceRowTests(AwsTemplates templates)
{
    private const string Group = "AWS::AutoScaling::AutoScalingGroup";
    private const string Template = "AWS::EC2::LaunchTemplate";
    private const string Region = "ap-southeast-1";
    private readonly Rows _rows = new(templates.Prod, elsewhere: true);
    private readonly Rows _first = new(templates.Prod);

    /// <summary>CloudFormation refers to nothing in another region; and what it referred to would be lost with it.</summary>
    [Fact]
    public void F3_no_template_there_refers_to_the_first_region()
    {
        var stacks = templates.TextsOf("prod").Where(stack => stack.Key.Contains("-Recovery", StringComparison.Ordinal)).ToList();
        var imports = stacks.SelectMany(stack => ImportsIn(JsonDocument.Parse(stack.Value).RootElement)).ToList();

        Assert.Equal(
            ["Recovery", "RecoveryEdge", "RecoveryKeys", "RecoveryNetwork", "RecoveryService"],
            stacks.Select(stack => stack.Key.Split('-')[^1]).Order(StringComparer.Ordinal)
        );
        Assert.NotEmpty(imports);
        Assert.All(imports, name => Assert.StartsWith("QuickPay-prod-Recovery", name, StringComparison.Ordinal));
        // What servers, cache and members' way in have is not even called after it.
        Assert.All(
            stacks.Where(stack => stack.Key.Split('-')[^1] is "RecoveryEdge" or "RecoveryService" or "RecoveryKeys"),
            stack => Assert.DoesNotContain("ap-northeast-2", stack.Value, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void F3_members_come_in_as_in_the_first_region_by_443_and_80_and_TLS_1_3()
    {
        var balancer = _rows.One("AWS::ElasticLoadBalancingV2::LoadBalancer");
        var listeners = _rows.All("AWS::ElasticLoadBalancingV2::Listener").ToDictionary(listener => listener["Port"].Number()!.Value);
        var open = Reach
            .Of(templates.Prod)
            .Ways.Where(way =>
                way.From.Part == Part.Internet && way.To.Group!.Stack.EndsWith("-RecoveryNetwork", StringComparison.Ordinal)
            );

        Assert.Equal("internet-facing", _rows.Text(balancer, "Scheme"));
        Assert.Equal(3, _rows.Subnets(balancer, "Subnets").Count);
        Assert.Equal([80, 443], listeners.Keys.Order());
        Assert.Equal("ELBSecurityPolicy-TLS13-1-3-2021-06", _rows.Text(listeners[443], "SslPolicy"));
        Assert.Equal("redirect", listeners[80]["DefaultActions"][0].At("Type").GetString());
        Assert.Equal(
            ["RecoveryNetwork/LoadBalancer 443", "RecoveryNetwork/LoadBalancer 80"],
            open.Select(way => $"{way.To.Name} {way.Ports}").Order(StringComparer.Ordinal)
        );
        Assert.Equal(balancer, _rows.Behind(_rows.One("AWS::WAFv2::WebACLAssociation"), "ResourceArn"));
        Assert.Equal(_first.One("AWS::WAFv2::WebACL")["Rules"].GetRawText(), _rows.One("AWS::WAFv2::WebACL")["Rules"].GetRawText());
    }

    [Fact]
    public void F3_members_name_leads_there_when_the_first_region_serves_nobody()
    {
        var (name, first) = (_rows.One("AWS::Route53::RecordSet", "Name"), _first.One("AWS::Route53::RecordSet", "Name"));
        var own = _rows.One("AWS::Route53::RecordSet", "OwnName");

        Assert.Equal(_rows.Text(first, "Name"), _rows.Text(name, "Name"));
        Assert.Equal(("PRIMARY", "SECONDARY"), (_rows.Text(first, "Failover"), _rows.Text(name, "Failover")));
        Assert.Equal(("ap-northeast-2", Region), (_rows.Text(first, "SetIdentifier"), _rows.Text(name, "SetIdentifier")));
        Assert.True(name["AliasTarget", "EvaluateTargetHealth"].IsTrue());
        Assert.Equal(_rows.One("AWS::ElasticLoadBalancingV2::LoadBalancer"), _rows.Behind(name, "AliasTarget", "DNSName"));
        Assert.Equal($"{Region}.{{Domain}}", _rows.Text(own, "Name"));
        Assert.Equal("", _rows.Text(own, "Failover"));
    }

    [Fact]
    public void F3_API_servers_are_there_all_the_time_and_more_come_with_the_load()
    {
        var group = _rows.One(Group, "Api");

        Assert.Equal((2, 10), (group["MinSize"].Number(), group["MaxSize"].Number()));
        Assert.Equal(
            _rows.One("AWS::ElasticLoadBalancingV2::TargetGroup"),
            templates.Prod.Templates.Find(group.Stack, group["TargetGroupARNs"][0])
        );
        Assert.Equal(
            [$"{Region}a", $"{Region}b", $"{Region}c"],
            _rows.Subnets(group, "VPCZoneIdentifier").Select(subnet => _rows.Text(subnet, "AvailabilityZone"))
        );
        Assert.All(
            _rows.All("AWS::AutoScaling::ScalingPolicy"),
            policy => Assert.Equal(group, _rows.Behind(policy, "AutoScalingGroupName"))
        );
        Assert.Equal(
            _first.All("AWS::AutoScaling::ScalingPolicy").Select(policy => policy["ScalingAdjustment"].Number()),
            _rows.All("AWS::AutoScaling::ScalingPolicy").Select(policy => policy["ScalingAdjustment"].Number())
        );
    }

    /// <summary>Beside a replica they would have nothing to do; the promotion starts them, by this name.</summary>
    [Fact]
    public void F3_workers_are_none_until_the_promotion()
    {
        var group = _rows.One(Group, "Worker");
        var steps = _rows.One("AWS::SSM::Document")["Content", "mainSteps"].Items().ToList();
        var at = steps.FindIndex(step => step.At("name").Is("StartWorkers"));
        var start = steps[at];

        Assert.Equal((0, 2), (group["MinSize"].Number(), group["MaxSize"].Number()));
        // A number here would end them again with the next version.
        Assert.False(group["DesiredCapacity"].IsThere());
        Assert.False(group.Whole.At("CreationPolicy").IsThere());
        Assert.Equal("SetDesiredCapacity", start.At("inputs", "Api").GetString());
        Assert.Equal(_rows.Text(group, "AutoScalingGroupName"), start.At("inputs", "AutoScalingGroupName").GetString());
        Assert.Equal(group["MaxSize"].Number(), start.At("inputs", "DesiredCapacity").Number());
        // When there is a primary.
        Assert.Equal("Wait", steps[at - 1].At("name").GetString());
    }

    /// <summary>The names of what hosts are told, and what of it differs: only what is of another region.</summary>
    [Theory]
    [InlineData("Api", "Postgres__Hosts", "Redis__Endpoints")]
    [InlineData("Worker", "Postgres__Hosts", "Redis__Endpoints")]
    public void F3_a_host_is_told_what_it_is_told_in_the_first_region_but_for_its_stores(string kind, params string[] differ)
    {
        // With one replica none is waited for: it would be missed while it is replaced.
        differ = [.. differ, "Redis__ReplicasToAwait"];
        var (here, there) = (TemplateEnvironment.Of(templates.Prod, kind), TemplateEnvironment.Of(templates.Prod, kind, elsewhere: true));
        var same = here.Variables.Where(one => !IsReplica(one.Key) && !differ.Contains(one.Key));

        Assert.Equal(here.Secrets, there.Secrets);
        Assert.Equal(here.Logins.Select(RoleOf).Distinct(), there.Logins.Select(RoleOf));
        Assert.Equal(same, there.Variables.Where(one => one.Key != "Postgres__MayBeStandby" && !differ.Contains(one.Key)));
        Assert.Equal("{Replica.Endpoint.Address}:5432", there.Variables["Postgres__Hosts"]);
        Assert.Equal("{Cache.PrimaryEndPoint.Address}:6379", there.Variables["Redis__Endpoints"]);
        Assert.Equal(("1", "0"), (here.Variables["Redis__ReplicasToAwait"], there.Variables["Redis__ReplicasToAwait"]));
        // Workers are started when there is a primary.
        Assert.Equal(kind == "Api" ? "true" : null, there.Variables.GetValueOrDefault("Postgres__MayBeStandby"));
        Assert.DoesNotContain("Postgres__MayBeStandby", here.Variables.Keys);

        static string RoleOf(string login) => login.Split(':')[^1];

        static bool IsReplica(string name) =>
            name is "Postgres__Replicas__History" or "Postgres__Replicas__Statistics" or "Postgres__Replicas__Reports";
    }

    [Theory]
    [InlineData("Api", "api")]
    [InlineData("Worker", "worker")]
    public void F3_a_server_may_there_what_it_may_in_the_first_region_on_what_is_there(string kind, string role)
    {
        var (here, there) = (_rows.Allowed($"quickpay-prod-{role}"), _rows.Allowed($"quickpay-prod-elsewhere-{role}"));
        var told = TemplateEnvironment.Of(templates.Prod, kind, elsewhere: true);
        var copies = told.Secrets.Values.Distinct().Select(CopyOf).Order(StringComparer.Ordinal);

        Assert.Equal(here.Select(may => may.Action).Distinct(), there.Select(may => may.Action).Distinct());
        Assert.Equal(
            copies,
            there.Where(may => may.Action == "secretsmanager:GetSecretValue").Select(may => may.On).Order(StringComparer.Ordinal)
        );
        Assert.All(
            there.Where(may =>
                may.Action is not ("s3:GetObject" or "s3:GetObjectVersion")
                && !may.Action.StartsWith("kms:", StringComparison.Ordinal)
                && may.On != "*"
            ),
            may => Assert.Contains($":{Region}:", may.On, StringComparison.Ordinal)
        );
        Assert.Contains(
            there,
            may =>
                may is { Action: "cloudformation:SignalResource" }
                && may.On.EndsWith(":stack/QuickPay-prod-RecoveryService/*", StringComparison.Ordinal)
        );

        static string CopyOf(string name) => $"arn:aws:secretsmanager:{Region}:{{AWS::AccountId}}:secret:{name}-??????";
    }

    [Fact]
    public void F3_sessions_are_in_a_cache_of_there_that_outlives_a_zone()
    {
        var cache = _rows.One("AWS::ElastiCache::ReplicationGroup");

        Assert.Equal(2, cache["NumCacheClusters"].Number());
        Assert.True(cache["AutomaticFailoverEnabled"].IsTrue() && cache["MultiAZEnabled"].IsTrue());
        Assert.True(cache["TransitEncryptionEnabled"].IsTrue() && cache["AtRestEncryptionEnabled"].IsTrue());
        Assert.Equal("{{resolve:secretsmanager:quickpay/prod/redis:SecretString:::}}", _rows.Text(cache, "AuthToken"));
        Assert.StartsWith("QuickPay-prod-RecoveryKeys", _rows.Behind(cache, "KmsKeyId").Stack, StringComparison.Ordinal);
        Assert.Equal(_rows.Text(_first.One(cache.Type), "CacheNodeType"), _rows.Text(cache, "CacheNodeType"));
        Assert.Equal("noeviction", _rows.Text(_rows.Behind(cache, "CacheParameterGroupName"), "Properties", "maxmemory-policy"));
    }

    [Fact]
    public void F3_programs_are_there_too_and_whoever_writes_them_is_noted()
    {
        var bucket = _rows.One("AWS::S3::Bucket", "Artifacts");
        var name = _rows.Text(bucket, "BucketName");
        var scripts = _rows.All(Template).Select(template => _rows.Text(template, "LaunchTemplateData", "UserData")).ToList();
        var trail = _first.One("AWS::CloudTrail::Trail");
        var key = bucket["BucketEncryption", "ServerSideEncryptionConfiguration"][0].At("ServerSideEncryptionByDefault", "KMSMasterKeyID");

        Assert.Equal($"quickpay-prod-artifacts-{{AWS::AccountId}}-{Region}", name);
        Assert.Equal("QuickPay-prod-RecoveryKeys", templates.Prod.Templates.Find(bucket.Stack, key)!.Stack);
        Assert.Equal(2, scripts.Count);
        Assert.All(scripts, script => Assert.Contains($"aws s3 cp \"s3://{{{bucket.Id}}}/programs/", script, StringComparison.Ordinal));
        Assert.Contains($"arn:{{AWS::Partition}}:s3:::{name}/", Noted("WriteOnly"));
        // As in the first region: who reads members' addresses.
        Assert.Contains(
            $"arn:{{AWS::Partition}}:s3:::{_rows.Text(_rows.One("AWS::S3::Bucket", "AccessLog"), "BucketName")}/",
            Noted("ReadOnly")
        );
        Assert.Contains(_rows.Allowed("quickpay-prod-deployer"), may => may == ("s3:PutObject", $"arn:aws:s3:::{name}/programs/*"));
        Assert.Contains(
            _rows.Allowed("quickpay-prod-deployer"),
            may => may == ("kms:GenerateDataKey", $"arn:aws:kms:{Region}:{{AWS::AccountId}}:key/*")
        );

        IEnumerable<string> Noted(string what) =>
            trail["EventSelectors"]
                .Items()
                .Where(selector => selector.At("ReadWriteType").Is(what))
                .SelectMany(selector => selector.At("DataResources").Items())
                .SelectMany(data => data.At("Values").Items())
                .Select(value => templates.Prod.Text(trail, value));
    }

    /// <summary>Else Auto Scaling could start no server there.</summary>
    [Fact]
    public void F3_disks_of_there_lie_under_a_key_that_Auto_Scaling_may_use()
    {
        var disks = _rows
            .All(Template)
            .Select(template =>
                templates.Prod.Templates.Find(
                    template.Stack,
                    template["LaunchTemplateData", "BlockDeviceMappings"][0].At("Ebs", "KmsKeyId")
                )
            )
            .Distinct()
            .ToList();

        Assert.Contains(
            "kms:CreateGrant",
            Statement.In(Assert.Single(disks)!).Where(IsForAutoScaling).SelectMany(statement => statement.Actions)
        );

        static bool IsForAutoScaling(Statement statement) =>
            statement.Principal.GetRawText().Contains("AWSServiceRoleForAutoScaling", StringComparison.Ordinal);
    }

    private static IEnumerable<string> ImportsIn(JsonElement template) =>
        template.Inside().Where(inside => inside.Name == "Fn::ImportValue").Select(inside => inside.Value.GetString()!);
}
