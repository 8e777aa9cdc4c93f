using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>D5, D7 and F1: what must be shown years later.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class AuditRowTests(AwsTemplates templates)
{
    private const int SevenYears = 7 * 365;
    private readonly Rows _rows = new(templates.Prod);

    private Resource Trail => _rows.One("AWS::CloudTrail::Trail");

    [Fact]
    public void D5_every_call_to_AWS_in_every_region_is_in_a_trail_that_SHA_256_seals()
    {
        Assert.True(Trail["IsLogging"].IsTrue());
        Assert.True(Trail["IsMultiRegionTrail"].IsTrue());
        Assert.True(Trail["IncludeGlobalServiceEvents"].IsTrue());
        Assert.True(Trail["EnableLogFileValidation"].IsTrue());
        Assert.StartsWith("Audit", _rows.Behind(Trail, "KMSKeyId").Id, StringComparison.Ordinal);
    }

    [Fact]
    public void D5_the_trail_is_kept_for_seven_years_and_nobody_can_change_it() => IsWriteOnce(_rows.Behind(Trail, "S3BucketName"));

    [Fact]
    public void F1_transfers_are_archived_for_seven_years_in_Glacier_and_nobody_can_change_them()
    {
        var archive = _rows.One("AWS::S3::Bucket", "Archive");

        IsWriteOnce(archive);
        Assert.Contains(
            "GLACIER",
            archive["LifecycleConfiguration", "Rules"]
                .Items()
                .SelectMany(rule => rule.At("Transitions").Items())
                .Select(transition => transition.At("StorageClass").GetString())
        );
    }

    [Fact]
    public void F1_a_snapshot_of_each_month_is_kept_for_twelve_here_and_in_the_second_region()
    {
        var plan = _rows.One("AWS::Backup::BackupPlan");
        var rule = Assert.Single(plan["BackupPlan", "BackupPlanRule"].Items());
        var copy = Assert.Single(rule.At("CopyActions").Items());

        // The day of the month is a number, and months are all of them.
        Assert.Matches(@"^cron\(\d+ \d+ \d+ \* \? \*\)$", rule.At("ScheduleExpression").GetString());
        Assert.True(rule.At("Lifecycle", "DeleteAfterDays").Number() >= 365);
        Assert.True(copy.At("Lifecycle", "DeleteAfterDays").Number() >= 365);
        Assert.StartsWith(
            "arn:aws:backup:ap-southeast-1:",
            templates.Prod.Text(plan, copy.At("DestinationBackupVaultArn")),
            StringComparison.Ordinal
        );
        Assert.Equal(plan, _rows.Behind(_rows.One("AWS::Backup::BackupSelection"), "BackupPlanId"));
    }

    /// <summary>AWS Backup starts none of its own while RDS makes its daily one, nor in the hour before.</summary>
    [Fact]
    public void F1_the_monthly_snapshot_is_not_in_the_way_of_the_daily_one()
    {
        var hour = int.Parse(
            _rows.One("AWS::Backup::BackupPlan")["BackupPlan", "BackupPlanRule"][0].At("ScheduleExpression").GetString()!.Split(' ')[1],
            System.Globalization.CultureInfo.InvariantCulture
        );
        var daily = TimeOnly.Parse(
            _rows.Text(_rows.One("AWS::RDS::DBInstance", "Database"), "PreferredBackupWindow").Split('-')[0],
            System.Globalization.CultureInfo.InvariantCulture
        );

        // Its window is eight hours long.
        Assert.False(daily.IsBetween(new TimeOnly(hour, 0).AddHours(-1), new TimeOnly(hour, 0).AddHours(8)));
    }

    /// <summary>What AWS's own policy for the service gives it, the boundary must not take away.</summary>
    [Fact]
    public void F1_the_role_of_backups_may_copy_between_vaults()
    {
        var most = templates.Prod.OfType("AWS::IAM::ManagedPolicy").SelectMany(Statement.In).SelectMany(statement => statement.Actions);

        Assert.Superset(
            new HashSet<string> { "backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault" },
            most.ToHashSet()
        );
    }

    [Fact]
    public void D5_one_trail_alone_seals_under_its_key()
    {
        const string arn = "arn:aws:cloudtrail:ap-northeast-2:{AWS::AccountId}:trail/quickpay-prod";
        var key = _rows.Behind(Trail, "KMSKeyId");
        var given = Statement.In(key).Where(statement => statement.Principal.At("Service").Is("cloudtrail.amazonaws.com")).ToList();

        Assert.Equal("quickpay-prod", _rows.Text(Trail, "TrailName"));
        Assert.Equal(
            ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"],
            given.SelectMany(statement => statement.Actions).Order(StringComparer.Ordinal)
        );
        Assert.All(given, statement => Assert.Equal(arn, Of(statement, "aws:SourceArn")));
        Assert.Equal(
            arn,
            Of(given.Single(statement => statement.Actions.Contains("kms:GenerateDataKey*")), "kms:EncryptionContext:aws:cloudtrail:arn")
        );

        string Of(Statement statement, string condition) => templates.Prod.Text(key, statement.Condition.At("StringEquals", condition));
    }

    [Fact]
    public void F1_snapshots_cannot_be_deleted_before_their_time()
    {
        var vault = templates.Prod.Templates.Find(
            _rows.One("AWS::Backup::BackupPlan").Stack,
            _rows.One("AWS::Backup::BackupPlan")["BackupPlan", "BackupPlanRule"][0].At("TargetBackupVault")
        )!;
        var refused = Statement.In(vault).Where(statement => !statement.Allows && statement.IsForEverybody).SelectMany(one => one.Actions);

        Assert.Superset(new HashSet<string> { "backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle" }, refused.ToHashSet());
    }

    private static void IsWriteOnce(Resource bucket)
    {
        var kept = bucket["ObjectLockConfiguration", "Rule", "DefaultRetention"];

        Assert.True(bucket["ObjectLockEnabled"].IsTrue());
        // GOVERNANCE would let some people.
        Assert.Equal("COMPLIANCE", kept.At("Mode").GetString());
        Assert.True(kept.At("Days").Number() >= SevenYears);
        Assert.All(
            bucket["LifecycleConfiguration", "Rules"].Items().Where(rule => rule.At("ExpirationInDays").IsThere()),
            rule => Assert.True(rule.At("ExpirationInDays").Number() >= SevenYears)
        );
    }
}
