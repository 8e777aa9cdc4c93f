using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>
/// A server as RDS gives it to us: one database, and an owner who may create roles and databases and is no superuser. The superuser of these
/// tests is who keeps RDS running; only the tests themselves use it. Members of <c>rds_iam</c> log in by tokens alone (<see cref="FakeRds"/>).
/// </summary>
internal sealed class RdsDatabase(LocalServers servers)
{
    public const string Name = "quickpay";
    public const string Owner = "quickpay_owner";
    public const string OwnerPassword = "the-owners-password-0f3d";
    private const string ByToken = "rds_iam";
    private const string Probe = "rds_probe";

    public string Hosts => servers.Postgres.Address;

    public string RootCertificate => servers.Postgres.Connection(PostgresRoles.Api).RootCertificate;

    /// <summary>From nothing, whatever a test before has left.</summary>
    public async Task MakeAnewAsync(FakeRds rds)
    {
        await AdministrateAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)", "postgres");
        foreach (var role in (string[])[.. DatabaseRoles.All, Owner, Probe, ByToken])
        {
            await AdministrateAsync($"DROP ROLE IF EXISTS {role}", "postgres");
        }
        await AdministrateAsync($"CREATE ROLE {ByToken}; CREATE ROLE {Probe} LOGIN IN ROLE {ByToken}", "postgres");
        await AdministrateAsync($"CREATE ROLE {Owner} LOGIN CREATEDB CREATEROLE PASSWORD '{OwnerPassword}'", "postgres");
        await AdministrateAsync($"CREATE DATABASE {Name} OWNER {Owner}", "postgres");
        await LetInAsync(rds);
    }

    /// <summary>As the one who keeps the server.</summary>
    public async Task AdministrateAsync(string sql, string database = Name)
    {
        await using var connection = await OpenAsync(servers.Postgres.SuperuserConnectionString(database));
        await connection.DoAsync(sql);
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = await OpenAsync(servers.Postgres.SuperuserConnectionString(Name));
        return await connection.AskAsync<T>(sql);
    }

    /// <summary>Holds on to something until it is disposed of.</summary>
    public Task<NpgsqlConnection> HoldAsync() => OpenAsync(servers.Postgres.SuperuserConnectionString(Name));

    /// <summary>As one of the roles.</summary>
    public Task<NpgsqlConnection> LogInAsync(string role, string password) =>
        OpenAsync(
            new NpgsqlConnectionStringBuilder(new PostgresConnection(Hosts, Name, role, password, RootCertificate).ConnectionString)
            {
                Pooling = false,
            }.ConnectionString
        );

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private async Task LetInAsync(FakeRds rds)
    {
        await using var connection = await OpenAsync(servers.Postgres.SuperuserConnectionString());
        var file = await connection.AskAsync<string>("SHOW hba_file");
        const string End = "# So far of RDS.\n";
        var rules = (await File.ReadAllTextAsync(file)).Split(End)[^1];
        // In front: the first that fits decides.
        await File.WriteAllTextAsync(
            file,
            $"""
            hostssl  all  +{ByToken}  127.0.0.1/32  ldap ldapserver=127.0.0.1 ldapport={rds.Port} ldapprefix="{FakeRds.Prefix}"
            hostssl  all  {Owner}  127.0.0.1/32  scram-sha-256
            {End}{rules}
            """
        );
        await connection.DoAsync("SELECT pg_reload_conf()");
        await Eventually.IsTrueAsync(() => IsAskedAsync(rds), "the server asks this one about its members");
    }

    private async Task<bool> IsAskedAsync(FakeRds rds)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => LogInAsync(Probe, "no-token"));
        Assert.Equal(PostgresErrorCodes.InvalidAuthorizationSpecification, refused.SqlState);
        return rds.Asked.Count > 0;
    }
}
