using Npgsql;

namespace QuickPay.IntegrationTests.Support;

/// <summary>Looks into a test database, and interferes with it, as its administrator could.</summary>
internal sealed class Superuser(TestDatabase database)
{
    /// <summary>The lanes' sessions in this database, for a WHERE.</summary>
    public const string Lanes = "datname = current_database() AND application_name = 'quickpay posting'";

    public async Task DoAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await connection.DoAsync(sql);
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        return await connection.AskAsync<T>(sql);
    }

    /// <summary>How many sessions of lanes are in a state, such as waiting for a lock.</summary>
    public Task<long> CountLanesAsync(string where) => AskAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE {Lanes} AND {where}");

    /// <summary>Does something to each of those sessions; returns to how many.</summary>
    /// <param name="function"><c>pg_terminate_backend</c> or <c>pg_cancel_backend</c>.</param>
    /// <param name="where">Which.</param>
    public Task<long> SignalLanesAsync(string function, string where = "true") =>
        AskAsync<long>($"SELECT count({function}(pid)) FROM pg_stat_activity WHERE {Lanes} AND {where}");

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(database.SuperuserConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
