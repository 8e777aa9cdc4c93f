using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>H1, C1, C3, C5, D1, D2, D6 and F1: database and cache.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class DataRowTests(AwsTemplates templates)
{
    private const string DatabaseType = "AWS::RDS::DBInstance";
    private readonly Rows _rows = new(templates.Prod);

    private Resource Primary => Assert.Single(_rows.All(DatabaseType), one => !Survival.IsCopy(one));

    private List<Resource> Replicas =>
        [.. _rows.All(DatabaseType).Where(one => Survival.IsCopy(one) && one.Stack.EndsWith("Data", StringComparison.Ordinal))];

    private Resource Cache => _rows.One("AWS::ElastiCache::ReplicationGroup");

    [Fact]
    public void H1_the_database_is_a_db_r5_large_with_500_GB_of_gp3()
    {
        Assert.Equal("postgres", _rows.Text(Primary, "Engine"));
        Assert.Equal("db.r5.large", _rows.Text(Primary, "DBInstanceClass"));
        Assert.Equal(500, Primary["AllocatedStorage"].Number());
        Assert.Equal("gp3", _rows.Text(Primary, "StorageType"));
    }

    [Fact]
    public void C1_the_database_has_a_standby_in_another_zone() => Assert.True(Primary["MultiAZ"].IsTrue());

    [Fact]
    public void C3_three_read_replicas_of_its_size_are_each_in_a_zone()
    {
        Assert.Equal(3, Replicas.Count);
        Assert.Equal(3, Replicas.Select(replica => _rows.Text(replica, "AvailabilityZone")).Distinct().Count());
        Assert.All(
            Replicas,
            replica =>
            {
                Assert.Equal("db.r5.large", _rows.Text(replica, "DBInstanceClass"));
                Assert.EndsWith($":db:{{{Primary.Id}}}", _rows.Text(replica, "SourceDBInstanceIdentifier"), StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public void F1_seven_days_of_backups_reach_back_to_any_moment() => Assert.Equal(7, Primary["BackupRetentionPeriod"].Number());

    [Fact]
    public void D2_and_D3_the_database_is_private_and_encrypted_and_nobody_has_typed_its_owner_s_password()
    {
        Assert.All(
            _rows.All(DatabaseType),
            one =>
            {
                Assert.True(one["PubliclyAccessible"].IsFalse());
                Assert.True(one["StorageEncrypted"].IsTrue());
                // Its roles log in by tokens.
                Assert.True(one["EnableIAMDatabaseAuthentication"].IsTrue());
            }
        );
        // RDS makes no replicas of a database whose owner's password it manages itself.
        Assert.False(Primary["ManageMasterUserPassword"].IsThere());
        Assert.StartsWith("{{resolve:secretsmanager:", _rows.Text(Primary, "MasterUserPassword"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rds.force_ssl", "1")]
    [InlineData("password_encryption", "scram-sha-256")]
    [InlineData("synchronous_commit", "on")]
    public void D1_the_database_takes_TLS_alone_and_passwords_that_are_not_sent(string parameter, string value) =>
        Assert.All(
            _rows.All(DatabaseType),
            one => Assert.Equal(value, _rows.Text(_rows.Behind(one, "DBParameterGroupName"), "Parameters", parameter))
        );

    [Fact]
    public void D6_statements_are_audited_and_shipped_without_what_was_in_them()
    {
        Assert.All(
            _rows.All(DatabaseType),
            one =>
            {
                var parameters = _rows.Behind(one, "DBParameterGroupName");
                Assert.Contains("pgaudit", _rows.Text(parameters, "Parameters", "shared_preload_libraries").Split(','));
                Assert.Equal(
                    ["ddl", "function", "read", "role", "write"],
                    _rows.Text(parameters, "Parameters", "pgaudit.log").Split(',').Order(StringComparer.Ordinal)
                );
                Assert.Equal("0", _rows.Text(parameters, "Parameters", "pgaudit.log_parameter"));
                Assert.Equal("0", _rows.Text(parameters, "Parameters", "log_parameter_max_length"));
                Assert.Equal("0", _rows.Text(parameters, "Parameters", "log_parameter_max_length_on_error"));
                Assert.Contains("postgresql", Rows.Texts(one["EnableCloudwatchLogsExports"]));
            }
        );
        // Where they are shipped to is ours, and not a group that RDS made: without a key, and for ever.
        Assert.All(
            _rows.All(DatabaseType),
            one =>
                Assert.Contains(
                    $"/aws/rds/instance/{_rows.Text(one, "DBInstanceIdentifier")}/postgresql",
                    _rows.All("AWS::Logs::LogGroup").Select(group => _rows.Text(group, "LogGroupName"))
                )
        );
    }

    [Fact]
    public void C5_the_cache_is_three_cache_r5_large_cluster_mode_off_promoted_by_itself()
    {
        Assert.Equal("redis", _rows.Text(Cache, "Engine"));
        Assert.Equal("cache.r5.large", _rows.Text(Cache, "CacheNodeType"));
        Assert.Equal(3, Cache["NumCacheClusters"].Number());
        // Cluster mode would be node groups, with slots.
        Assert.False(Cache["NumNodeGroups"].IsThere());
        Assert.False(Cache["NodeGroupConfiguration"].IsThere());
        Assert.True(Cache["AutomaticFailoverEnabled"].IsTrue());
        Assert.True(Cache["MultiAZEnabled"].IsTrue());
    }

    [Fact]
    public void C5_the_cache_is_saved_every_day()
    {
        Assert.InRange(Cache["SnapshotRetentionLimit"].Number() ?? 0, 1, 35);
        Assert.NotEqual("", _rows.Text(Cache, "SnapshotWindow"));
    }

    [Fact]
    public void C5_sessions_are_not_thrown_out_when_the_cache_is_full() =>
        Assert.Equal("noeviction", _rows.Text(_rows.Behind(Cache, "CacheParameterGroupName"), "Properties", "maxmemory-policy"));

    [Fact]
    public void D1_and_D2_the_cache_takes_TLS_and_a_password_and_is_encrypted()
    {
        Assert.True(Cache["TransitEncryptionEnabled"].IsTrue());
        Assert.True(Cache["AtRestEncryptionEnabled"].IsTrue());
        Assert.StartsWith("{{resolve:secretsmanager:", _rows.Text(Cache, "AuthToken"), StringComparison.Ordinal);
    }

    [Fact]
    public void D3_the_cache_listens_where_the_API_looks() => Assert.Equal(6379, Cache["Port"].Number());
}
