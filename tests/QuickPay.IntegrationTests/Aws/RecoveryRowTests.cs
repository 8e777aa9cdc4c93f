using System.Text.RegularExpressions;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>F3: the second region.</summary>
[Collection(nameof(AwsTemplates))]
public sealed partial class RecoveryRowTests(AwsTemplates templates)
{
    private readonly Rows _rows = new(templates.Prod, elsewhere: true);

    private Resource Replica => _rows.One("AWS::RDS::DBInstance");

    [Fact]
    public void F3_a_replica_of_the_first_region_s_database_is_as_large_and_as_safe()
    {
        var key = _rows.Behind(Replica, "KmsKeyId");
        var parameters = _rows.Behind(Replica, "DBParameterGroupName");

        Assert.StartsWith("arn:aws:rds:ap-northeast-2:", _rows.Text(Replica, "SourceDBInstanceIdentifier"), StringComparison.Ordinal);
        Assert.EndsWith(":db:quickpay-prod", _rows.Text(Replica, "SourceDBInstanceIdentifier"), StringComparison.Ordinal);
        Assert.Equal("db.r5.large", _rows.Text(Replica, "DBInstanceClass"));
        Assert.True(Replica["MultiAZ"].IsTrue());
        Assert.True(Replica["EnableIAMDatabaseAuthentication"].IsTrue());
        Assert.Equal(7, Replica["BackupRetentionPeriod"].Number());
        // Of its own region: the first one's keys are gone with it.
        Assert.Contains("Recovery", key.Stack, StringComparison.Ordinal);
        Assert.Contains("pgaudit", _rows.Text(parameters, "Parameters", "shared_preload_libraries"), StringComparison.Ordinal);
    }

    /// <summary>It cannot be promoted while it is backed up, and must be no older than what it follows.</summary>
    [Fact]
    public void F3_the_replica_is_backed_up_at_night_and_gets_new_versions_before_the_first()
    {
        Assert.Equal("20:00-20:30", _rows.Text(Replica, "PreferredBackupWindow"));
        Assert.Equal("sat:19:00-sat:19:30", _rows.Text(Replica, "PreferredMaintenanceWindow"));
        Assert.StartsWith("sun:", _rows.Text(Primary, "PreferredMaintenanceWindow"), StringComparison.Ordinal);
    }

    /// <summary>The first region's topics may be lost with it.</summary>
    [Fact]
    public void F3_the_pager_hears_of_it_from_the_second_region()
    {
        var pager = _rows.One("AWS::SNS::Subscription", "Pager");
        var ended = _rows.One("AWS::Events::Rule", "Ended");

        Assert.Equal(("https", "{PagerUrl}"), (_rows.Text(pager, "Protocol"), _rows.Text(pager, "Endpoint")));
        Assert.Equal(_rows.One("AWS::SNS::Topic"), _rows.Behind(pager, "TopicArn"));
        Assert.Equal(["aws.ssm"], Rows.Texts(ended["EventPattern", "source"]));
        Assert.Equal(["EC2 Automation Execution Status-change Notification"], Rows.Texts(ended["EventPattern", "detail-type"]));
        Assert.Equal(["quickpay-prod-promote"], Rows.Texts(ended["EventPattern", "detail", "Definition"]));
        Assert.Equal(["Failed", "TimedOut", "Cancelled"], Rows.Texts(ended["EventPattern", "detail", "Status"]));
        Assert.Equal(
            _rows.One("AWS::SNS::Topic"),
            templates.Prod.Templates.Find(ended.Stack, Assert.Single(ended["Targets"].Items()).At("Arn"))
        );
    }

    [Theory]
    [InlineData("Promoter")]
    [InlineData("Starter")]
    [InlineData("Sender")]
    public void F3_no_other_account_has_a_service_take_on_these_roles(string id)
    {
        var role = templates.Prod.OfType("AWS::IAM::Role").Single(one => one.Id.StartsWith(id, StringComparison.Ordinal));
        var trust = role["AssumeRolePolicyDocument", "Statement"][0];

        Assert.Equal("{AWS::AccountId}", templates.Prod.Text(role, trust.At("Condition", "StringEquals", "aws:SourceAccount")));
    }

    [Fact]
    public void F3_what_is_watched_is_the_first_region_itself_and_not_where_members_name_leads()
    {
        var reached = Check("Reached");
        var ready = Check("Ready");
        var own = new Rows(templates.Prod).One("AWS::Route53::RecordSet", "OwnName");
        var alarm = _rows.Text(ready, "HealthCheckConfig", "AlarmIdentifier", "Name");

        Assert.Equal("ap-northeast-2.{Domain}", _rows.Text(own, "Name"));
        Assert.False(own["HealthCheckId"].IsThere());
        Assert.Equal("TCP", _rows.Text(reached, "HealthCheckConfig", "Type"));
        Assert.Equal(_rows.Text(own, "Name"), _rows.Text(reached, "HealthCheckConfig", "FullyQualifiedDomainName"));
        Assert.Contains(
            templates.Prod.OfType("AWS::CloudWatch::Alarm"),
            one => _rows.Text(one, "AlarmName") == alarm && one["Threshold"].Number() == 1 && one["TreatMissingData"].Is("breaching")
        );
        Assert.Equal("Unhealthy", _rows.Text(ready, "HealthCheckConfig", "InsufficientDataHealthStatus"));
    }

    /// <summary>A bad release leaves no server ready either, and another region would not mend that.</summary>
    [Fact]
    public void F3_that_nobody_is_ready_is_another_alarm_than_that_nobody_gets_there()
    {
        var (lost, silent) = (Alarm("quickpay-prod-region-lost"), Alarm("quickpay-prod-region-silent"));
        var asked = silent["Metrics"]
            .Items()
            .Where(metric => metric.At("MetricStat").IsThere())
            .ToDictionary(
                metric => metric.At("Id").GetString()!,
                metric => templates.Prod.Text(silent, metric.At("MetricStat", "Metric", "Dimensions")[0].At("Value"))
            );

        Assert.Equal("{Reached.HealthCheckId}", templates.Prod.Text(lost, lost["Dimensions"][0].At("Value")));
        Assert.Equal("{Reached.HealthCheckId}", asked["reached"]);
        Assert.Equal("{Ready.HealthCheckId}", asked["ready"]);
        Assert.Contains(silent["Metrics"].Items(), metric => metric.At("Expression").Is("IF(reached, ready, 1)"));
        Assert.All(
            new[] { lost, silent },
            alarm =>
            {
                Assert.Equal("LessThanThreshold", _rows.Text(alarm, "ComparisonOperator"));
                Assert.Equal(2, alarm["EvaluationPeriods"].Number());
            }
        );
    }

    [Theory]
    [InlineData("Lost", "quickpay-prod-region-lost", """{"Approval":["{Approval}"],"Alarm":["lost"]}""")]
    [InlineData("Silent", "quickpay-prod-region-silent", """{"Approval":["yes"],"Alarm":["silent"]}""")]
    public void F3_only_a_region_that_nobody_reaches_may_be_given_up_unasked(string id, string alarm, string input)
    {
        var rule = _rows.One("AWS::Events::Rule", id);
        var sent = templates.Prod.OfType("AWS::Events::Rule").Single(one => one.Id == "ToTheSecondRegion");
        var targets = rule["Targets"].Items().ToDictionary(target => target.At("Id").GetString()!);

        Assert.Equal([alarm], Rows.Texts(rule["EventPattern", "detail", "alarmName"]));
        Assert.Contains(alarm, Rows.Texts(sent["EventPattern", "detail", "alarmName"]));
        Assert.Equal(input, templates.Prod.Text(rule, targets["promote"].At("Input")));
        Assert.EndsWith(
            ":automation-definition/quickpay-prod-promote:$LATEST",
            templates.Prod.Text(rule, targets["promote"].At("Arn")),
            StringComparison.Ordinal
        );
        Assert.Equal(_rows.One("AWS::SNS::Topic"), templates.Prod.Templates.Find(rule.Stack, targets["tell"].At("Arn")));
    }

    [Fact]
    public void F3_the_rule_may_start_the_document_and_hand_its_role_over()
    {
        var starter = Allowed("Starter");

        Assert.Equal(
            [
                "iam:PassRole {Promoter.Arn}",
                "ssm:StartAutomationExecution automation-definition/quickpay-prod-promote:*",
                "ssm:StartAutomationExecution automation-execution/*",
                "ssm:StartAutomationExecution document/quickpay-prod-promote",
            ],
            starter
        );
        // Within the boundary, where every other role may be passed on by nobody.
        var boundary = templates
            .Prod.OfType("AWS::IAM::ManagedPolicy")
            .SelectMany(Statement.In)
            .Where(one => one.Actions.Contains("iam:PassRole"));
        Assert.EndsWith(
            ":role/quickpay-prod-promoter",
            templates.Prod.Text(Assert.Single(boundary).Of, Assert.Single(boundary.Single().Resources)),
            StringComparison.Ordinal
        );
        Assert.Equal("quickpay-prod-promoter", _rows.Text(_rows.One("AWS::IAM::Role", "Promoter"), "RoleName"));
    }

    [Fact]
    public void F3_every_secret_has_a_copy_in_the_second_region_under_a_key_of_there()
    {
        var secrets = templates.Prod.OfType("AWS::SecretsManager::Secret").ToList();
        var aliases = _rows.All("AWS::KMS::Alias").Select(alias => _rows.Text(alias, "AliasName")).ToList();

        Assert.Equal(4, secrets.Count);
        Assert.All(
            secrets,
            secret =>
            {
                var copy = Assert.Single(secret["ReplicaRegions"].Items());
                Assert.Equal("ap-southeast-1", copy.At("Region").GetString());
                // Members' personal data is not opened by what opens all else, there neither.
                var key = secret.Id.StartsWith("PersonalDataKey", StringComparison.Ordinal) ? "personal" : "data";
                Assert.Equal($"alias/quickpay-prod-{key}", copy.At("KmsKeyId").GetString());
                Assert.Contains($"alias/quickpay-prod-{key}", aliases);
            }
        );
    }

    [Fact]
    public void F3_whose_word_is_wanted_hears_of_it_and_has_a_night_to_answer()
    {
        var topic = _rows.One("AWS::SNS::Topic");
        var word = _rows.One("AWS::SSM::Document")["Content", "mainSteps"].Items().Single(step => step.At("name").Is("Word"));
        var approver = templates.Prod.OfType("AWS::IAM::Role").Single(role => role["RoleName"].Is("quickpay-prod-approver"));

        Assert.Equal($"{{{topic.Id}}}", templates.Prod.Text(topic, word.At("inputs", "NotificationArn")));
        // Systems Manager asks by no other.
        Assert.StartsWith("Automation", _rows.Text(topic, "TopicName"), StringComparison.Ordinal);
        Assert.Equal(topic, _rows.Behind(_rows.One("AWS::SNS::Subscription", "Mail"), "TopicArn"));
        Assert.True(word.At("timeoutSeconds").Number() >= 8 * 60 * 60);
        Assert.EndsWith(
            ":role/quickpay-prod-approver",
            templates.Prod.Text(topic, word.At("inputs", "Approvers")[0]),
            StringComparison.Ordinal
        );
        // Not by CloudFormation's role, which could else say who that is.
        Assert.EndsWith("-Identity", approver.Stack, StringComparison.Ordinal);
        Assert.Equal(
            [
                "cloudwatch:DescribeAlarms *",
                "cloudwatch:GetMetricData *",
                "rds:DescribeDBInstances db:quickpay-prod",
                "rds:DescribeDBInstances db:quickpay-prod-elsewhere",
                "ssm:DescribeAutomationExecutions *",
                "ssm:DescribeAutomationStepExecutions automation-execution/*",
                "ssm:GetAutomationExecution automation-execution/*",
                "ssm:SendAutomationSignal automation-execution/*",
            ],
            _rows.Allowed("quickpay-prod-approver").Select(Short).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void F3_what_promotes_it_may_shut_the_first_region_out_and_nothing_else()
    {
        Assert.Equal(
            [
                "autoscaling:SetDesiredCapacity autoScalingGroup:*:autoScalingGroupName/quickpay-prod-elsewhere-workers",
                "cloudwatch:DescribeAlarms alarm:quickpay-prod-region-lost",
                "cloudwatch:DescribeAlarms alarm:quickpay-prod-region-silent",
                "cloudwatch:GetMetricData *",
                "ec2:DescribeSecurityGroups *",
                "ec2:RevokeSecurityGroupIngress security-group/*",
                "kms:Decrypt {Topics.Arn}",
                "kms:GenerateDataKey {Topics.Arn}",
                "rds:DescribeDBInstances db:quickpay-prod",
                "rds:DescribeDBInstances db:quickpay-prod-elsewhere",
                "rds:PromoteReadReplica db:quickpay-prod-elsewhere",
                "rds:RebootDBInstance db:quickpay-prod",
                "route53:ListResourceRecordSets hostedzone/{HostedZone}",
                "route53:UpdateHealthCheck healthcheck/*",
                // And ask for somebody's word.
                "sns:Publish {Elsewhere}",
            ],
            Allowed("Promoter")
        );
        var close = templates.Prod.OfType("AWS::IAM::Policy").SelectMany(Statement.In).Single(one => one.Name == "Close");
        var tags = close.Condition.At("StringEquals");
        var group = templates
            .Prod.OfType("AWS::EC2::SecurityGroup")
            .Where(one =>
                Rows.Attribute(one, "Tags", "quickpay:guards") is not null && !one.Stack.Contains("Recovery", StringComparison.Ordinal)
            );

        Assert.Equal("prod", tags.At("aws:ResourceTag/quickpay:environment").GetString());
        Assert.Equal(
            Rows.Attribute(Assert.Single(group), "Tags", "quickpay:guards"),
            tags.At("aws:ResourceTag/quickpay:guards").GetString()
        );
        Assert.Equal(group.Single(), templates.Prod.Templates.Find(Primary.Stack, Primary["VPCSecurityGroups"][0]));
    }

    private Resource Primary =>
        templates.Prod.OfType("AWS::RDS::DBInstance").Single(one => one["DBInstanceIdentifier"].Is("quickpay-prod"));

    private Resource Check(string id) => templates.Prod.OfType("AWS::Route53::HealthCheck").Single(check => check.Id == id);

    private Resource Alarm(string name) => templates.Prod.OfType("AWS::CloudWatch::Alarm").Single(alarm => alarm["AlarmName"].Is(name));

    /// <summary>Action and resource of a role of the second region, each without what is the same for all.</summary>
    private IEnumerable<string> Allowed(string role) =>
        templates
            .Prod.OfType("AWS::IAM::Policy")
            .Where(policy => Boundaries.RolesOf(templates.Prod, policy).Contains(_rows.One("AWS::IAM::Role", role)))
            .SelectMany(policy =>
                from statement in Statement.In(policy)
                where statement.Allows
                from action in statement.Actions
                from resource in statement.Resources
                select Short((action, templates.Prod.Text(policy, resource)))
            )
            .Order(StringComparer.Ordinal);

    private static string Short((string Action, string On) may) =>
        $"{may.Action} {LogicalId().Replace(Start().Replace(may.On, ""), "{$1")}";

    [GeneratedRegex("^arn:aws:[^:]*:[^:]*:({AWS::AccountId}|[^:]*):")]
    private static partial Regex Start();

    [GeneratedRegex("{([A-Z][a-z]+)[0-9A-F]{8}")]
    private static partial Regex LogicalId();
}
