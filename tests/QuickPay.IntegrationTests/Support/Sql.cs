using Npgsql;

namespace QuickPay.IntegrationTests.Support;

/// <summary>Statements as plain text: on a pool, or on a connection whose session matters.</summary>
internal static class Sql
{
    /// <summary>Returns how many rows it changed.</summary>
    public static Task<int> DoAsync(this NpgsqlDataSource pool, string sql) => DoAsync(pool.CreateCommand(sql));

    /// <inheritdoc cref="DoAsync(NpgsqlDataSource, string)" />
    public static Task<int> DoAsync(this NpgsqlConnection connection, string sql) => DoAsync(new NpgsqlCommand(sql, connection));

    /// <summary>The one value that it answers.</summary>
    public static Task<T> AskAsync<T>(this NpgsqlDataSource pool, string sql) => AskAsync<T>(pool.CreateCommand(sql));

    /// <inheritdoc cref="AskAsync{T}(NpgsqlDataSource, string)" />
    public static Task<T> AskAsync<T>(this NpgsqlConnection connection, string sql) => AskAsync<T>(new NpgsqlCommand(sql, connection));

    /// <summary>Its first column, which is text.</summary>
    public static Task<List<string>> ListAsync(this NpgsqlDataSource pool, string sql) => ListAsync(pool.CreateCommand(sql));

    /// <inheritdoc cref="ListAsync(NpgsqlDataSource, string)" />
    public static Task<List<string>> ListAsync(this NpgsqlConnection connection, string sql) =>
        ListAsync(new NpgsqlCommand(sql, connection));

    private static async Task<int> DoAsync(NpgsqlCommand command)
    {
        await using (command)
        {
            return await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<T> AskAsync<T>(NpgsqlCommand command)
    {
        await using (command)
        {
            return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }
    }

    private static async Task<List<string>> ListAsync(NpgsqlCommand command)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            var list = new List<string>();
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
                list.Add(reader.GetString(0));
            }
            return list;
        }
    }
}
