using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Local;

public sealed class SchemaTests(TestServers servers)
{
    [Fact]
    public async Task The_checked_in_schema_is_what_the_migrations_make()
    {
        await using var database = await servers.CreateDatabaseAsync();
        var made = await SchemaDump.ReadAsync(servers.Shared.Postgres, database.Name, TestContext.Current.CancellationToken);
        var checkedIn = await File.ReadAllTextAsync(
            Path.Combine(Programs.RepositoryRoot, "src/QuickPay/Postgres/schema.sql"),
            TestContext.Current.CancellationToken
        );
        Assert.True(
            made == checkedIn,
            "The migrations make another schema than src/QuickPay/Postgres/schema.sql shows. If that is meant: ./quickpay schema --write, and review the difference."
        );
    }
}
