using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Worker;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>Whatever becomes of a turn, it ends, and another worker can take it.</summary>
public sealed class JobTurnTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private NpgsqlDataSource _worker = null!;
    private NpgsqlDataSource _other = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        // What a test puts there stands in for PostgreSQL's own.
        await new Superuser(_database).DoAsync("CREATE SCHEMA broken; GRANT USAGE ON SCHEMA broken TO qp_worker");
        _worker = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(_database.Worker.ConnectionString) { SearchPath = "broken, pg_catalog" }
        );
        _other = NpgsqlDataSource.Create(_database.Worker.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _other.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task One_whose_session_was_ended_ends_quietly_and_is_another_s_meanwhile()
    {
        var turn = await TakeAsync(_worker);
        Assert.Null(await TakeAsync(_other));

        await new Superuser(_database).AskAsync<long>(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'qp_worker'"
        );
        _other.Clear();

        await OtherTakesItAsync();
        await turn!.DisposeAsync();
        await using var again = await TakeAsync(_worker);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task One_that_cannot_be_given_back_ends_with_its_session()
    {
        var turn = await TakeAsync(_worker);
        await BreakAsync("pg_advisory_unlock", "RAISE EXCEPTION 'broken'");

        await turn!.DisposeAsync();

        await OtherTakesItAsync();
    }

    [Fact]
    public async Task One_that_was_taken_without_an_answer_ends_with_its_session()
    {
        await BreakAsync("pg_try_advisory_lock", "PERFORM pg_catalog.pg_try_advisory_lock($1); RAISE EXCEPTION 'broken'");

        var broken = await Assert.ThrowsAsync<PostgresException>(() => TakeAsync(_worker));

        Assert.Equal("broken", broken.MessageText);
        await OtherTakesItAsync();
    }

    /// <summary>A session's end takes a moment at the server.</summary>
    private Task OtherTakesItAsync() =>
        Eventually.IsTrueAsync(
            async () =>
            {
                await using var turn = await TakeAsync(_other);
                return turn is not null;
            },
            "another takes the turn"
        );

    private Task BreakAsync(string function, string body) =>
        new Superuser(_database).DoAsync(
            $"CREATE FUNCTION broken.{function}(bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN {body}; END $$"
        );

    private static Task<JobTurn?> TakeAsync(NpgsqlDataSource worker) => JobTurn.TryTakeAsync(worker, JobTurn.Reconcile, Cancellation);
}
