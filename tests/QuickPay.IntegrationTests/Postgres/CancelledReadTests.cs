using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Postgres;

/// <summary>
/// Statements that are given up half-way, by whoever asked or by their deadline. What the driver knows of such a session may not be what the
/// server does, so it does not go back to its pool, unless the server's last word on the statement is there already.
/// </summary>
[Collection(nameof(Alone))]
public sealed class CancelledReadTests(TestServers servers)
{
    private const string Pid = "SELECT pg_backend_pid()";

    /// <summary>Ends half a second after it was cancelled: a driver that waits for that keeps the session.</summary>
    private const string Slow = """
        DO $$ /* given up */ BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(0.5); RAISE; END $$
        """;

    private const int Attempts = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("reading")]
    [InlineData("posting")]
    public async Task Its_session_ends_and_the_statement_with_it(string kind)
    {
        await using var database = await servers.CreateDatabaseAsync();
        await using var pool =
            kind == "reading" ? DataSources.ForReading(OptionsOf(database), 1) : DataSources.ForPosting(OptionsOf(database), 1);

        var ended = await EndedAsync(
            database,
            pool,
            async (slow, pid) =>
            {
                using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
                var running = slow.ExecuteNonQueryAsync(leaving.Token);
                await Eventually.IsTrueAsync(() => IsRunningAsync(database, pid), "it runs");
                await leaving.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
            }
        );

        Assert.NotEqual(0, ended);
    }

    [Fact]
    public async Task So_does_that_of_one_that_has_taken_too_long()
    {
        await using var database = await servers.CreateDatabaseAsync();
        await using var pool = DataSources.ForReading(OptionsOf(database), 1);

        var ended = await EndedAsync(
            database,
            pool,
            async (slow, _) =>
            {
                slow.CommandTimeout = 1;
                var e = await Assert.ThrowsAnyAsync<NpgsqlException>(() => slow.ExecuteNonQueryAsync(Cancellation));
                Assert.IsType<TimeoutException>(e.InnerException);
            }
        );

        Assert.NotEqual(0, ended);
    }

    /// <summary>
    /// Gives a statement up a few times, and sees that the pool serves and the statement is not running afterwards. How many sessions were
    /// replaced: not one, if the driver waits for the server; not always all, as it may hear of it before it has begun to listen.
    /// </summary>
    private static async Task<int> EndedAsync(TestDatabase database, NpgsqlDataSource pool, Func<NpgsqlCommand, int, Task> giveUp)
    {
        var ended = 0;
        for (var n = 0; n < Attempts; n++)
        {
            var pid = await pool.AskAsync<int>(Pid);
            await using (var slow = pool.CreateCommand(Slow))
            {
                await giveUp(slow, pid);
            }
            ended += await pool.AskAsync<int>(Pid) == pid ? 0 : 1;
            await Eventually.IsTrueAsync(async () => !await IsRunningAsync(database, pid), "the server has been told");
        }
        return ended;
    }

    private static Task<bool> IsRunningAsync(TestDatabase database, int pid) =>
        new Superuser(database).AskAsync<bool>(
            $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {pid} AND state = 'active' AND query LIKE 'DO $$ /* given up */%')"
        );

    private static PostgresOptions OptionsOf(TestDatabase database) =>
        new()
        {
            Hosts = database.Api.Hosts,
            Database = database.Api.Database,
            Username = database.Api.Username,
            Password = database.Api.Password,
            RootCertificate = database.Api.RootCertificate,
        };
}
