using System.IO.Enumeration;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>H1, E4, D2 and D4: servers, how many there are, and what they may do.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class ServiceRowTests(AwsTemplates templates)
{
    /// <summary>Which dev has not.</summary>
    private static readonly string[] OfTheSecondRegion = ["AWS::Route53::HealthCheck", "AWS::SSM::Document"];
    private readonly Rows _rows = new(templates.Prod);

    private Resource Group => _rows.One("AWS::AutoScaling::AutoScalingGroup", "Api");

    private Resource Template => _rows.Behind(Group, "LaunchTemplate", "LaunchTemplateId");

    [Fact]
    public void H1_and_E4_three_to_ten_t3_medium_over_three_zones()
    {
        Assert.Equal("t3.medium", _rows.Text(Template, "LaunchTemplateData", "InstanceType"));
        Assert.Equal(3, Group["MinSize"].Number());
        Assert.Equal(10, Group["MaxSize"].Number());
        Assert.Equal(
            ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"],
            _rows.Subnets(Group, "VPCZoneIdentifier").Select(subnet => _rows.Text(subnet, "AvailabilityZone"))
        );
    }

    /// <summary>A server is not ready while its database fails over: by the load balancer's word all of them would be ended then, at once.</summary>
    [Fact]
    public void E4_no_server_is_ended_because_a_database_is_away()
    {
        var groups = templates
            .Prod.OfType("AWS::AutoScaling::AutoScalingGroup")
            .Concat(templates.Dev.OfType("AWS::AutoScaling::AutoScalingGroup"))
            .ToList();

        Assert.Equal(6, groups.Count);
        Assert.All(groups, group => Assert.Equal("EC2", group["HealthCheckType"].GetString()));
        Assert.Equal("/health/ready", _rows.Text(_rows.One("AWS::ElasticLoadBalancingV2::TargetGroup"), "HealthCheckPath"));
    }

    [Theory]
    [InlineData("MoreAlarm", "GreaterThanThreshold", 70, 5, 2)]
    [InlineData("FewerAlarm", "LessThanThreshold", 30, 10, -1)]
    public void E4_processors_decide_how_many(string alarm, string comparison, int percent, int minutes, int change)
    {
        var rule = _rows.One("AWS::CloudWatch::Alarm", alarm);
        var policy = templates.Prod.Templates.Find(rule.Stack, rule["AlarmActions"][0])!;

        Assert.Equal("AWS/EC2", _rows.Text(rule, "Namespace"));
        Assert.Equal("CPUUtilization", _rows.Text(rule, "MetricName"));
        Assert.Equal("Average", _rows.Text(rule, "Statistic"));
        Assert.Equal(Group, templates.Prod.Templates.Find(rule.Stack, rule["Dimensions"][0].At("Value")));
        Assert.Equal(comparison, _rows.Text(rule, "ComparisonOperator"));
        Assert.Equal(percent, rule["Threshold"].Number());
        Assert.Equal(minutes * 60, rule["Period"].Number() * rule["EvaluationPeriods"].Number());
        Assert.Equal(Group, _rows.Behind(policy, "AutoScalingGroupName"));
        Assert.Equal("SimpleScaling", _rows.Text(policy, "PolicyType"));
        Assert.Equal("ChangeInCapacity", _rows.Text(policy, "AdjustmentType"));
        Assert.Equal(change, policy["ScalingAdjustment"].Number());
        Assert.Equal(minutes * 60, policy["Cooldown"].Number());
    }

    [Fact]
    public void H1_more_than_one_worker_so_that_another_can_lead()
    {
        var workers = _rows.One("AWS::AutoScaling::AutoScalingGroup", "Worker");

        Assert.True(workers["MinSize"].Number() >= 2);
        Assert.True(workers["MaxSize"].Number() > workers["MinSize"].Number());
    }

    [Fact]
    public void D2_each_purpose_has_a_key_that_rotates()
    {
        var keys = _rows.All("AWS::KMS::Key").Where(key => key.Stack.EndsWith("Foundation", StringComparison.Ordinal)).ToList();

        Assert.Equal(
            ["audit", "backups", "data", "logs", "personal", "topics"],
            _rows
                .All("AWS::KMS::Alias")
                .Where(alias => keys.Contains(_rows.Behind(alias, "TargetKeyId")))
                .Select(alias => _rows.Text(alias, "AliasName").Split('-')[^1])
                .Order(StringComparer.Ordinal)
        );
        Assert.All(keys, key => Assert.True(key["EnableKeyRotation"].IsTrue()));
    }

    [Fact]
    public void D2_only_API_servers_open_personal_data()
    {
        var personal = _rows.One("AWS::KMS::Key", "Personal");
        var users = new[] { "api", "worker", "developer", "deployer" }.Where(role =>
            _rows
                .Allowed($"quickpay-prod-{role}")
                .Any(may => may.Action.StartsWith("kms:", StringComparison.Ordinal) && may.On == $"{{{personal.Id}.Arn}}")
        );

        Assert.Equal(["api"], users);
    }

    /// <summary>As its own database roles, and nobody else's; and for each there is a token.</summary>
    [Theory]
    [InlineData("Api", false, 4, "qp_api", "qp_stats")]
    [InlineData("Worker", false, 1, "qp_worker")]
    [InlineData("Api", true, 1, "qp_api", "qp_stats")]
    [InlineData("Worker", true, 1, "qp_worker")]
    public void D4_a_server_logs_in_as_its_roles_without_a_password(string kind, bool elsewhere, int servers, params string[] roles)
    {
        var told = TemplateEnvironment.Of(templates.Prod, kind, elsewhere);
        var rows = new Rows(templates.Prod, elsewhere);
        var region = elsewhere ? "ap-southeast-1" : "ap-northeast-2";
        var may = rows.Allowed($"quickpay-prod-{(elsewhere ? "elsewhere-" : "")}{kind.ToLowerInvariant()}")
            .Where(may => may.Action == "rds-db:connect")
            .Select(may => may.On);

        Assert.Equal(servers * roles.Length, told.Logins.Count);
        Assert.Equal(roles, told.Logins.Select(login => login.Split(':')[^1]).Distinct());
        Assert.Equal(roles.Select(role => $"arn:aws:rds-db:{region}:{{AWS::AccountId}}:dbuser:*/{role}"), may);
        Assert.All(
            told.Variables.Where(variable => variable.Value.EndsWith(":5432", StringComparison.Ordinal)),
            variable => Assert.Contains(told.Logins, login => login.StartsWith($"{variable.Value}:quickpay:", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("api", new[] { "personal-data-key", "redis", "token-key" })]
    [InlineData("worker", new[] { "redis" })]
    public void D4_a_server_reads_its_own_secrets(string role, string[] expected)
    {
        var secrets = _rows
            .All("AWS::SecretsManager::Secret")
            .ToDictionary(secret => $"{{{secret.Id}}}", secret => _rows.Text(secret, "Name"));
        var read = _rows
            .Allowed($"quickpay-prod-{role}")
            .Where(may => may.Action == "secretsmanager:GetSecretValue")
            .Select(may => secrets[may.On]["quickpay/prod/".Length..]);

        Assert.Equal(expected, read.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("api")]
    [InlineData("worker")]
    public void D4_a_server_writes_logs_metrics_and_traces_and_takes_its_program(string role)
    {
        var services = _rows.Allowed($"quickpay-prod-{role}").Select(may => may.Action.Split(':')[0]).Distinct();

        Assert.Equal(
            // Of EC2: which group its agent is in.
            ["cloudformation", "cloudwatch", "ec2", "kms", "logs", "rds-db", "s3", "secretsmanager", "xray"],
            services.Order(StringComparer.Ordinal)
        );
        Assert.All(
            _rows.Allowed($"quickpay-prod-{role}").Where(may => may.Action.StartsWith("s3:", StringComparison.Ordinal)),
            may => Assert.EndsWith("/programs/*", may.On, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void D4_developers_look_and_read_logs_and_never_see_data()
    {
        var developer = _rows.One("AWS::IAM::Role", "Developer");
        var denied = templates
            .Prod.OfType("AWS::IAM::Policy")
            .Where(policy => Boundaries.RolesOf(templates.Prod, policy).Contains(developer))
            .SelectMany(Statement.In)
            .ToList();

        Assert.Equal(
            ["AWSXrayReadOnlyAccess", "CloudWatchReadOnlyAccess", "ViewOnlyAccess"],
            developer["ManagedPolicyArns"]
                .Items()
                .Select(arn => templates.Prod.Text(developer, arn).Split('/')[^1])
                .Order(StringComparer.Ordinal)
        );
        Assert.All(denied, statement => Assert.False(statement.Allows));
        Assert.Superset(
            new HashSet<string> { "kms:Decrypt", "secretsmanager:GetSecretValue", "s3:GetObject*", "ssm:StartSession" },
            denied.Where(statement => statement.IsForAllResources).SelectMany(statement => statement.Actions).ToHashSet()
        );
    }

    [Fact]
    public void D4_developers_do_not_read_who_did_what()
    {
        var refused = templates
            .Prod.OfType("AWS::IAM::Policy")
            .Where(policy => Boundaries.RolesOf(templates.Prod, policy).Contains(_rows.One("AWS::IAM::Role", "Developer")))
            .SelectMany(Statement.In)
            .Single(statement => statement.Name == "NoAudit");
        var groups = templates
            .Prod.OfType("AWS::Logs::LogGroup")
            .Select(group => _rows.Text(group, "LogGroupName"))
            .Where(name => name.StartsWith("/aws/rds/", StringComparison.Ordinal) || name.EndsWith("/cloudtrail", StringComparison.Ordinal))
            .ToList();
        var refusedOn = refused.Resources.Select(resource => templates.Prod.Text(refused.Of, resource).Split(":log-group:")[1]).ToList();

        Assert.False(refused.Allows);
        Assert.Superset(
            new HashSet<string>
            {
                "logs:GetLogEvents",
                "logs:FilterLogEvents",
                "logs:StartQuery",
                "logs:StartLiveTail",
                "logs:GetLogRecord",
            },
            refused.Actions.ToHashSet()
        );
        // Of the primary, three replicas and the one elsewhere two each, and the trail's.
        Assert.Equal(11, groups.Count);
        Assert.All(
            groups,
            group => Assert.Contains(refusedOn, on => FileSystemName.MatchesSimpleExpression(on, $"{group}:log-stream:one"))
        );
        // What the service says of itself stays theirs.
        Assert.DoesNotContain(refusedOn, on => FileSystemName.MatchesSimpleExpression(on, "/quickpay/prod/api:log-stream:one"));
    }

    /// <summary>What takes five minutes to get ready, and some before that to be installed, would be ended for ever.</summary>
    [Theory]
    [InlineData("Api")]
    [InlineData("Worker")]
    public void H1_a_server_is_judged_when_its_start_is_over(string servers)
    {
        var group = _rows.One("AWS::AutoScaling::AutoScalingGroup", servers);
        var start = System.Xml.XmlConvert.ToTimeSpan(group.Whole.At("CreationPolicy", "ResourceSignal", "Timeout").GetString()!);

        Assert.True(group["HealthCheckGracePeriod"].Number() >= start.TotalSeconds);
    }

    /// <summary>Small, and yet the same parts.</summary>
    [Fact]
    public void H1_dev_is_the_same_parts_as_small_as_they_come()
    {
        var dev = new Rows(templates.Dev);
        var (kinds, less) = (KindsOf(templates.Dev), KindsOf(templates.Prod).Except(KindsOf(templates.Dev)).Except(OfTheSecondRegion));

        Assert.Subset(KindsOf(templates.Prod), kinds);
        Assert.Empty(less);
        Assert.Equal(1, dev.One("AWS::AutoScaling::AutoScalingGroup", "Api")["MinSize"].Number());

        static HashSet<string> KindsOf(Installation installation) => [.. installation.All.Select(resource => resource.Type)];
    }
}
