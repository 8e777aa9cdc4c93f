using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>F3: the second region.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class RecoveryRowTests(AwsTemplates templates)
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
        Assert.Equal(7, Replica["BackupRetentionPeriod"].Number());
        // Of its own region: the first one's keys are gone with it.
        Assert.Contains("Recovery", key.Stack, StringComparison.Ordinal);
        Assert.Contains("pgaudit", _rows.Text(parameters, "Parameters", "shared_preload_libraries"), StringComparison.Ordinal);
    }

    [Fact]
    public void F3_what_is_watched_is_the_first_region_itself_and_not_where_members_name_leads()
    {
        var checks = templates
            .Prod.OfType("AWS::Route53::HealthCheck")
            .ToDictionary(check => _rows.Text(check, "HealthCheckConfig", "Type"));
        var own = new Rows(templates.Prod).One("AWS::Route53::RecordSet", "OwnName");
        var alarm = _rows.Text(checks["CLOUDWATCH_METRIC"], "HealthCheckConfig", "AlarmIdentifier", "Name");

        Assert.Equal("ap-northeast-2.{Domain}", _rows.Text(own, "Name"));
        Assert.Equal(_rows.Text(own, "Name"), _rows.Text(checks["TCP"], "HealthCheckConfig", "FullyQualifiedDomainName"));
        Assert.Contains(
            templates.Prod.OfType("AWS::CloudWatch::Alarm"),
            one => _rows.Text(one, "AlarmName") == alarm && one["Threshold"].Number() == 1 && one["TreatMissingData"].Is("breaching")
        );
        Assert.Equal("Unhealthy", _rows.Text(checks["CLOUDWATCH_METRIC"], "HealthCheckConfig", "InsufficientDataHealthStatus"));
        Assert.Equal(2, checks["CALCULATED"]["HealthCheckConfig", "HealthThreshold"].Number());
        Assert.Equal(2, checks["CALCULATED"]["HealthCheckConfig", "ChildHealthChecks"].Items().Count());
    }

    [Fact]
    public void F3_every_secret_has_a_copy_in_the_second_region_under_a_key_of_there()
    {
        var secrets = templates.Prod.OfType("AWS::SecretsManager::Secret").ToList();
        var alias = _rows.All("AWS::KMS::Alias").Single(one => _rows.Text(one, "AliasName") == "alias/quickpay-prod-data");

        Assert.Equal(8, secrets.Count);
        Assert.All(
            secrets,
            secret =>
            {
                var copy = Assert.Single(secret["ReplicaRegions"].Items());
                Assert.Equal("ap-southeast-1", copy.At("Region").GetString());
                Assert.Equal(_rows.Text(alias, "AliasName"), copy.At("KmsKeyId").GetString());
            }
        );
    }

    [Fact]
    public void F3_whose_word_is_wanted_hears_of_it()
    {
        var topic = _rows.One("AWS::SNS::Topic");
        var word = _rows.One("AWS::SSM::Document")["Content", "mainSteps"].Items().Single(step => step.At("action").Is("aws:approve"));

        Assert.Equal($"{{{topic.Id}}}", templates.Prod.Text(topic, word.At("inputs", "NotificationArn")));
        Assert.Equal(topic, _rows.Behind(_rows.One("AWS::SNS::Subscription"), "TopicArn"));
    }

    [Fact]
    public void F3_what_promotes_it_starts_by_itself_and_may_do_nothing_else()
    {
        var promoter = _rows.One("AWS::IAM::Role", "Promoter");
        var allowed = templates
            .Prod.OfType("AWS::IAM::Policy")
            .Where(policy => Boundaries.RolesOf(templates.Prod, policy).Contains(promoter))
            .SelectMany(Statement.In)
            .SelectMany(statement => statement.Actions);

        // And ask for somebody's word.
        Assert.Equal(
            ["kms:Decrypt", "kms:GenerateDataKey", "rds:DescribeDBInstances", "rds:PromoteReadReplica", "sns:Publish"],
            allowed.Order(StringComparer.Ordinal)
        );
        Assert.Contains("\"PromoteReadReplica\"", _rows.One("AWS::SSM::Document").Whole.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(
            "CloudWatch Alarm State Change",
            _rows.One("AWS::Events::Rule")["EventPattern"].GetRawText(),
            StringComparison.Ordinal
        );
    }
}
