using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Postgres;

/// <summary>Passwords that are replaced while servers run stand in a file.</summary>
public sealed class PasswordFileTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public async Task A_server_without_any_password_in_its_settings_takes_those_of_both_roles_from_it()
    {
        var (kim, lee) = await CoupleAsync();
        try
        {
            Write(Own.Password);
            await using var bank = ApiBank.Open(
                Bank.Database,
                ("Postgres:Password", ""),
                ("Postgres:PasswordFile", _file),
                ("Postgres:Replicas:StatisticsPassword", "")
            );

            (await kim.Through(bank).SendsAsync(1, to: lee)).ShouldBe(201);
            (await kim.Through(bank).GetAsync("/v1/statistics/me?month=2026-11")).ShouldBe(200);
        }
        finally
        {
            File.Delete(_file);
        }
    }

    [Fact]
    public async Task Each_new_connection_reads_it_anew_and_those_that_there_are_stay()
    {
        try
        {
            Write("replaced");
            await using var pool = DataSources.ForReading(Own.WithFile(_file), 2);
            await RefusedAsync(pool);

            Write(Own.Password);
            await using var connection = await pool.OpenConnectionAsync(Cancellation);

            Write("replaced");
            Assert.Equal(Own.Username, await connection.AskAsync<string>("SELECT current_user::text"));
            await RefusedAsync(pool);
        }
        finally
        {
            File.Delete(_file);
        }
    }

    private PostgresOptions Own => Bank.Service<IOptions<PostgresOptions>>().Value;

    private static async Task RefusedAsync(NpgsqlDataSource pool)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(async () => await pool.OpenConnectionAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    private void Write(string password)
    {
        var statistics = Bank.Service<IOptions<ReplicaOptions>>().Value;
        File.WriteAllText(
            _file,
            $"""
            *:*:{Own.Database}:{Own.Username}:{Escaped(password)}
            *:*:{Own.Database}:{statistics.StatisticsUsername}:{Escaped(statistics.StatisticsPassword)}

            """
        );

        static string Escaped(string text) => text.Replace("\\", "\\\\").Replace(":", "\\:");
    }
}

internal static class PasswordFiles
{
    /// <summary>The same servers and role, with a file in place of the password.</summary>
    public static PostgresOptions WithFile(this PostgresOptions options, string file) =>
        new()
        {
            Hosts = options.Hosts,
            Database = options.Database,
            Username = options.Username,
            PasswordFile = file,
            RootCertificate = options.RootCertificate,
        };
}
