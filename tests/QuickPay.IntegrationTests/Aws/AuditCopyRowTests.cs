using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;
using QuickPay.Cli.Aws.Deploying;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>D5, F1 and F3: the trail and the archive are in the second region, too.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class AuditCopyRowTests(AwsTemplates templates)
{
    private const string Region = "ap-southeast-1";
    private const string Type = "AWS::S3::Bucket";
    private const string Replicator = "quickpay-prod-replicator";
    private readonly Rows _rows = new(templates.Prod);
    private readonly Rows _there = new(templates.Prod, elsewhere: true);

    /// <summary>Object lock, what becomes of old objects, who gets in: all of it but names, keys and where they are copied to.</summary>
    [Theory]
    [InlineData("Trail")]
    [InlineData("Archive")]
    public void F1_a_copy_is_kept_like_its_original(string name)
    {
        var (bucket, copy) = (_rows.One(Type, name), _there.One(Type, $"{name}Copy"));

        Assert.Equal("QuickPay-prod-RecoveryKeys", copy.Stack);
        Assert.True(copy["ObjectLockEnabled"].IsTrue());
        Assert.Equal("COMPLIANCE", _there.Text(copy, "ObjectLockConfiguration", "Rule", "DefaultRetention", "Mode"));
        foreach (
            var property in new[]
            {
                "LifecycleConfiguration",
                "ObjectLockConfiguration",
                "ObjectLockEnabled",
                "OwnershipControls",
                "PublicAccessBlockConfiguration",
                "VersioningConfiguration",
            }
        )
        {
            Assert.Equal(bucket[property].GetRawText(), copy[property].GetRawText());
        }
        Assert.Equal(["RetainExceptOnCreate", "Retain"], [Policy(copy, "DeletionPolicy"), Policy(copy, "UpdateReplacePolicy")]);
        Assert.Equal(Policy(bucket, "DeletionPolicy"), Policy(copy, "DeletionPolicy"));
        Assert.False(copy["ReplicationConfiguration"].IsThere());

        static string? Policy(Resource resource, string which) => resource.Whole.At(which).GetString();
    }

    /// <summary>Names of buckets are the whole world's and have 63 letters at most; accounts have twelve digits.</summary>
    [Theory]
    [InlineData("Trail", "audit")]
    [InlineData("Archive", "archive")]
    public void F1_a_copy_has_a_name_that_is_known_elsewhere_and_a_key_of_its_own(string name, string alias)
    {
        var copy = _there.One(Type, $"{name}Copy");
        var bucket = _there.Text(copy, "BucketName");
        var key = templates.Prod.Templates.Find(
            copy.Stack,
            copy["BucketEncryption", "ServerSideEncryptionConfiguration"][0].At("ServerSideEncryptionByDefault", "KMSMasterKeyID")
        );

        Assert.Equal($"quickpay-prod-{name.ToLowerInvariant()}-{{AWS::AccountId}}-{Region}", bucket);
        Assert.True(bucket.Replace("{AWS::AccountId}", new string('1', 12), StringComparison.Ordinal).Length <= 63);
        Assert.Equal(
            key,
            _there.Behind(
                Assert.Single(_there.All("AWS::KMS::Alias"), one => _there.Text(one, "AliasName") == $"alias/quickpay-prod-{alias}"),
                "TargetKeyId"
            )
        );
        // Whoever runs servers there does not open it.
        Assert.DoesNotContain(_there.All(Type), one => one != copy && one.Whole.GetRawText().Contains(key!.Id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Trail", "audit")]
    [InlineData("Archive", "archive")]
    public void F1_all_that_is_written_is_copied(string name, string alias)
    {
        var bucket = _rows.One(Type, name);
        var rule = Assert.Single(bucket["ReplicationConfiguration", "Rules"].Items());
        var to = rule.At("Destination");

        Assert.Equal(Replicator, _rows.Text(RoleOf(bucket), "RoleName"));
        Assert.Equal("Enabled", rule.At("Status").GetString());
        Assert.Equal("", rule.At("Filter", "Prefix").GetString());
        Assert.Equal(1, rule.At("Priority").Number());
        Assert.Equal("Disabled", rule.At("DeleteMarkerReplication", "Status").GetString());
        Assert.Equal("Enabled", rule.At("SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status").GetString());
        Assert.Equal(CopyOf(name), templates.Prod.Text(bucket, to.At("Bucket")));
        Assert.Equal(
            $"arn:aws:kms:{Region}:{{AWS::AccountId}}:alias/quickpay-prod-{alias}",
            templates.Prod.Text(bucket, to.At("EncryptionConfiguration", "ReplicaKmsKeyID"))
        );
        Assert.Equal("STANDARD", to.At("StorageClass").GetString());
        Assert.Equal("Enabled", to.At("Metrics", "Status").GetString());
    }

    /// <summary>What a bucket's copying takes, and of each only on this bucket, its copy and their keys.</summary>
    [Theory]
    [InlineData("Trail", "Audit", "audit")]
    [InlineData("Archive", "Backups", "archive")]
    public void F1_the_role_that_copies_can_do_nothing_else(string name, string key, string alias)
    {
        var statements = OfTheRole().Where(statement => statement.Name.StartsWith(name, StringComparison.Ordinal)).ToList();
        var (bucket, copy) = (_rows.One(Type, name), CopyOf(name));
        var source = $"{{{bucket.Id}.Arn}}";

        Assert.Equal(
            new (string, string)[]
            {
                ("kms:Decrypt", $"{{{new Rows(templates.Prod).One("AWS::KMS::Key", key).Id}.Arn}}"),
                ("kms:Encrypt", $"arn:aws:kms:{Region}:{{AWS::AccountId}}:key/*"),
                ("kms:GenerateDataKey", $"arn:aws:kms:{Region}:{{AWS::AccountId}}:key/*"),
                ("s3:GetObjectLegalHold", $"{source}/*"),
                ("s3:GetObjectRetention", $"{source}/*"),
                ("s3:GetObjectVersionAcl", $"{source}/*"),
                ("s3:GetObjectVersionForReplication", $"{source}/*"),
                ("s3:GetObjectVersionTagging", $"{source}/*"),
                ("s3:GetReplicationConfiguration", source),
                ("s3:ListBucket", source),
                ("s3:ReplicateObject", $"{copy}/*"),
                ("s3:ReplicateTags", $"{copy}/*"),
            },
            (
                from statement in statements
                from action in statement.Actions
                from resource in statement.Resources
                select (action, templates.Prod.Text(statement.Of, resource))
            ).OrderBy(may => may.action, StringComparer.Ordinal)
        );
        HasKeyOnlyThroughS3(statements.Single(statement => statement.Name == $"{name}Open"), "ap-northeast-2", source);
        HasKeyOnlyThroughS3(statements.Single(statement => statement.Name == $"{name}Seal"), Region, copy);
        Assert.Equal(
            $"alias/quickpay-prod-{alias}",
            statements
                .Single(statement => statement.Name == $"{name}Seal")
                .Condition.At("ForAnyValue:StringEquals", "kms:ResourceAliases")
                .GetString()
        );
    }

    [Fact]
    public void F1_only_S3_takes_it_on_and_for_no_other_account()
    {
        var role = RoleOf(_rows.One(Type, "Trail"));
        var trust = Assert.Single(role["AssumeRolePolicyDocument", "Statement"].Items());

        Assert.Equal("s3.amazonaws.com", trust.At("Principal", "Service").GetString());
        Assert.Equal("{AWS::AccountId}", templates.Prod.Text(role, trust.At("Condition", "StringEqualsIfExists", "aws:SourceAccount")));
        // Twelve rights for each of two buckets, and none beside them.
        Assert.Equal(24, _rows.Allowed(Replicator).Count);
    }

    /// <summary>S3 copies nothing that was there before it may.</summary>
    [Fact]
    public void F1_the_trail_s_first_file_is_copied_too()
    {
        var needed = _rows.One("AWS::CloudTrail::Trail").Whole.At("DependsOn").Items().Select(one => one.GetString());

        Assert.Contains(Assert.Single(OfTheRole().Select(statement => statement.Of.Id).Distinct()), needed);
    }

    [Fact]
    public void F1_there_is_something_to_copy_to_before_anything_is_copied()
    {
        var order = PlannedStack.Read(templates.FolderOf("prod")).Select(stack => stack.Name).ToList();

        Assert.True(order.IndexOf("QuickPay-prod-RecoveryKeys") < order.IndexOf("QuickPay-prod-Audit"));
    }

    [Fact]
    public void D5_who_reads_a_copy_is_noted()
    {
        var trail = _rows.One("AWS::CloudTrail::Trail");
        var noted = (
            from selector in trail["EventSelectors"].Items()
            from data in selector.At("DataResources").Items()
            from value in data.At("Values").Items()
            select (Text: templates.Prod.Text(trail, value), Which: selector.At("ReadWriteType"))
        ).ToList();

        // Not what is written of the trail: each file would be one more line.
        Assert.True(noted.Single(one => one.Text.Contains(":::quickpay-prod-trail-", StringComparison.Ordinal)).Which.Is("ReadOnly"));
        Assert.False(noted.Single(one => one.Text.Contains(":::quickpay-prod-archive-", StringComparison.Ordinal)).Which.IsThere());
    }

    [Theory]
    [InlineData("Trail")]
    [InlineData("Archive")]
    public void E2_somebody_is_told_of_what_was_not_copied(string name)
    {
        var alarm = Assert.Single(
            _rows.All("AWS::CloudWatch::Alarm"),
            one => _rows.Text(one, "AlarmName") == $"quickpay-prod-{name.ToLowerInvariant()}-not-copied"
        );
        var of = alarm["Dimensions"]
            .Items()
            .ToDictionary(dimension => dimension.At("Name").GetString()!, dimension => templates.Prod.Text(alarm, dimension.At("Value")));
        var bucket = _rows.One(Type, name);

        Assert.Equal("OperationsFailedReplication", _rows.Text(alarm, "MetricName"));
        Assert.Equal($"{{{bucket.Id}}}", of["SourceBucket"]);
        Assert.Equal(CopyOf(name), $"arn:aws:s3:::{of["DestinationBucket"]}");
        Assert.Equal(bucket["ReplicationConfiguration", "Rules"][0].At("Id").GetString(), of["RuleId"]);
        Assert.Equal((0, "GreaterThanThreshold"), (alarm["Threshold"].Number(), _rows.Text(alarm, "ComparisonOperator")));
        Assert.Equal(
            "quickpay-prod-warning",
            _rows.Text(templates.Prod.Templates.Find(alarm.Stack, Assert.Single(alarm["AlarmActions"].Items()))!, "TopicName")
        );
    }

    [Fact]
    public void F1_what_is_thrown_away_is_copied_nowhere()
    {
        Assert.DoesNotContain(templates.Dev.OfType(Type), bucket => bucket["ReplicationConfiguration"].IsThere());
        Assert.DoesNotContain(
            templates.Dev.OfType("AWS::IAM::ManagedPolicy").SelectMany(Statement.In).SelectMany(statement => statement.Actions),
            action => action.Contains("Replicat", StringComparison.Ordinal)
        );
    }

    private Resource RoleOf(Resource bucket) => _rows.Behind(bucket, "ReplicationConfiguration", "Role");

    private string CopyOf(string name)
    {
        var copy = _there.One(Type, $"{name}Copy");
        return $"arn:aws:s3:::{_there.Text(copy, "BucketName")}";
    }

    private IEnumerable<Statement> OfTheRole() =>
        templates
            .Prod.OfType("AWS::IAM::Policy")
            .Where(policy => Boundaries.RolesOf(templates.Prod, policy).Any(role => _rows.Text(role, "RoleName") == Replicator))
            .SelectMany(Statement.In);

    private void HasKeyOnlyThroughS3(Statement statement, string region, string bucket)
    {
        Assert.Equal($"s3.{region}.amazonaws.com", statement.Condition.At("StringEquals", "kms:ViaService").GetString());
        Assert.Equal(
            [bucket, $"{bucket}/*"],
            statement
                .Condition.At("StringLike", "kms:EncryptionContext:aws:s3:arn")
                .Items()
                .Select(one => templates.Prod.Text(statement.Of, one))
        );
    }
}
