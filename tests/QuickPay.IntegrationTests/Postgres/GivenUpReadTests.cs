using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Postgres;

/// <summary>Reads whose reader goes away while the replica is asked how far it is. Here it says so only when the test lets it.</summary>
public sealed class GivenUpReadTests(PrimaryAndReplica pair) : IClassFixture<PrimaryAndReplica>
{
    private const int Connections = 2;
    private const int Lock = 77;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_gives_its_connection_back()
    {
        await MakeAnswersWaitAsync();
        using var log = new RecordedLog();
        using var replica = new ReadReplica(
            ReplicaRole.History,
            pair.Replica.Address,
            Pool(),
            DataSources.ForAsking(Options(), pair.Replica.Address, "test"),
            Connections,
            TimeSpan.FromSeconds(5),
            TimeProvider.System,
            log.Of<ReadReplicas>()
        );
        await using (var locker = await SuperuserAsync(pair.Replica))
        {
            await locker.AskAsync<object>($"SELECT pg_advisory_lock({Lock})");
            var givenUp = 0;
            for (var n = 0; n < 3 * Connections; n++)
            {
                givenUp += await IsGivenUpAsync(replica) ? 1 : 0;
            }
            // On a slow machine the question's own time may be up first: that read was not given up.
            Assert.InRange(givenUp, Connections + 1, 3 * Connections);
        }

        var opened = new List<NpgsqlConnection>();
        for (var n = 0; n < Connections; n++)
        {
            opened.Add(Assert.IsType<NpgsqlConnection>(await replica.OpenAsync(0, Cancellation)));
        }
        foreach (var connection in opened)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task<bool> IsGivenUpAsync(ReadReplica replica)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var reading = replica.OpenAsync(0, leaving.Token);
        await Eventually.IsTrueAsync(async () => reading.IsCompleted || await IsAskedAsync(), "the replica is asked");
        await leaving.CancelAsync();
        return await Record.ExceptionAsync(() => reading) is OperationCanceledException;
    }

    private async Task<bool> IsAskedAsync()
    {
        await using var looker = await SuperuserAsync(pair.Replica);
        return await looker.AskAsync<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)");
    }

    /// <summary>A function of ours, which a pool of the test finds before PostgreSQL's own: it waits for a lock.</summary>
    private async Task MakeAnswersWaitAsync()
    {
        await using (var primary = await SuperuserAsync(pair.Primary))
        {
            await primary.DoAsync(
                $"""
                CREATE SCHEMA waits;
                GRANT USAGE ON SCHEMA waits TO {PostgresRoles.Api};
                CREATE FUNCTION waits.pg_is_in_recovery() RETURNS boolean LANGUAGE plpgsql
                AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared({Lock}); RETURN pg_catalog.pg_is_in_recovery(); END $$
                """
            );
        }
        await pair.CaughtUpAsync();
    }

    private NpgsqlDataSource Pool()
    {
        using var pool = DataSources.ForReplica(Options(), pair.Replica.Address, "test", Connections, 5);
        return NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(pool.ConnectionString) { Password = Options().Password, SearchPath = "waits, pg_catalog" }
        );
    }

    private async Task<NpgsqlConnection> SuperuserAsync(PostgresServer server)
    {
        var connection = new NpgsqlConnection(server.SuperuserConnectionString(Options().Database));
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private PostgresOptions Options()
    {
        var api = pair.Primary.Connection(PostgresRoles.Api);
        return new PostgresOptions
        {
            Hosts = api.Hosts,
            Database = api.Database,
            Username = api.Username,
            Password = api.Password,
            RootCertificate = api.RootCertificate,
        };
    }
}
