using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using StackExchange.Redis;

namespace QuickPay.IntegrationTests.Local;

public sealed class LocalServersTests(TestServers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_role_reaches_its_database_over_verified_tls_and_nothing_else()
    {
        await using var database = await servers.CreateDatabaseAsync();
        foreach (var connection in new[] { database.Api, database.Worker, database.Statistics, database.Migrator })
        {
            await using var source = NpgsqlDataSource.Create(connection.ConnectionString);
            await using var command = source.CreateCommand(
                "SELECT current_user || ' ' || version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            );
            Assert.Equal($"{connection.Username} TLSv1.3", await command.ExecuteScalarAsync(Cancellation));
        }
        var withoutTls = new NpgsqlConnectionStringBuilder(database.Api.ConnectionString)
        {
            SslMode = SslMode.Disable,
            RootCertificate = null,
        };
        await using var open = new NpgsqlConnection(withoutTls.ConnectionString);
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => open.OpenAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidAuthorizationSpecification, refusal.SqlState);
    }

    [Fact]
    public async Task The_superuser_cannot_come_over_the_network()
    {
        var settings = servers.Shared.Postgres.Connection(PostgresRoles.Api, "postgres") with { Username = "postgres" };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidAuthorizationSpecification, refusal.SqlState);
    }

    [Fact]
    public async Task A_forged_authority_is_not_trusted()
    {
        await using var database = await servers.CreateDatabaseAsync();
        var forged = DataFolder.Temporary("forged");
        try
        {
            var certificates = Certificates.LoadOrCreate(forged.Tls, TimeProvider.System);
            await using var connection = new NpgsqlConnection(
                (database.Api with { RootCertificate = certificates.RootCertificateFile }).ConnectionString
            );
            await Assert.ThrowsAsync<NpgsqlException>(() => connection.OpenAsync(Cancellation));
            Assert.False(
                await RedisProbe.AnswersAsync(database.Redis with { RootCertificate = certificates.RootCertificateFile }, Cancellation)
            );
        }
        finally
        {
            forged.Delete();
        }
    }

    [Fact]
    public async Task The_cluster_is_durable_checksummed_and_tuned()
    {
        await using var source = NpgsqlDataSource.Create(servers.Shared.Postgres.SuperuserConnectionString());
        foreach (
            var (setting, value) in new[]
            {
                ("data_checksums", "on"),
                ("fsync", "on"),
                ("full_page_writes", "on"),
                ("synchronous_commit", "on"),
                ("wal_compression", "lz4"),
                ("password_encryption", "scram-sha-256"),
            }
        )
        {
            await using var command = source.CreateCommand($"SHOW {setting}");
            Assert.Equal(value, await command.ExecuteScalarAsync(Cancellation));
        }
    }

    [Fact]
    public async Task The_api_user_of_redis_works_on_its_own_keys_and_cannot_administer()
    {
        await using var redis = await ConnectAsync(servers.Shared.Redis.Connection(RedisUsers.Api));
        var database = redis.GetDatabase();
        await database.StringSetAsync("qp:v1:trial", "1");
        Assert.Equal("1", await database.StringGetAsync("qp:v1:trial"));
        Assert.Equal("1", (string?)await database.ScriptEvaluateAsync("return redis.call('GET', KEYS[1])", ["qp:v1:trial"]));

        await RefusedAsync(() => database.StringSetAsync("other", "1"));
        await RefusedAsync(() => database.ExecuteAsync("FLUSHALL"));
        await RefusedAsync(() => database.ExecuteAsync("CONFIG", "GET", "*"));
        await RefusedAsync(() => database.ExecuteAsync("KEYS", "*"));

        static async Task RefusedAsync(Func<Task> command) =>
            Assert.StartsWith("NOPERM", (await Assert.ThrowsAsync<RedisServerException>(command)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_servers_come_back_on_the_same_ports_with_their_data()
    {
        await using var own = await TestServers.StartOwnAsync(Cancellation);
        await using var ledger = NpgsqlDataSource.Create(own.Postgres.Connection(PostgresRoles.Migrator).ConnectionString);
        await using (var write = ledger.CreateCommand("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)"))
            await write.ExecuteNonQueryAsync(Cancellation);

        await own.Postgres.KillAsync();
        await own.Redis.KillAsync();
        await own.Postgres.StartAsync(Cancellation);
        await own.Redis.StartAsync(Cancellation);

        await using var again = NpgsqlDataSource.Create(own.Postgres.Connection(PostgresRoles.Migrator).ConnectionString);
        await using var read = again.CreateCommand("SELECT n FROM kept");
        Assert.Equal(7, await read.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task Secrets_are_for_their_owner_alone()
    {
        await using var own = await TestServers.StartOwnAsync(Cancellation);
        foreach (var file in Directory.EnumerateFiles(own.Data.Secrets))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var root = own.Data.Root;
        await own.DisposeAsync();
        Assert.False(Directory.Exists(root));
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisConnection redis)
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { redis.Endpoints },
            User = redis.Username,
            Password = redis.Password,
            Ssl = true,
            SslHost = "127.0.0.1",
            AbortOnConnectFail = true,
            // Let forbidden commands through to the server: its refusal is what is tested.
            AllowAdmin = true,
        };
        options.TrustIssuer(redis.RootCertificate);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }
}
