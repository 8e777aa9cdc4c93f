using System.Net.Sockets;
using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Tests.Postgres;

/// <summary>SQLSTATEs by what they mean for the work that met them.</summary>
public sealed class PgErrorsTests
{
    [Theory]
    [InlineData("55P03", PgFailure.LockTimeout)] // lock_not_available
    [InlineData("40001", PgFailure.Contention)] // serialization_failure
    [InlineData("40P01", PgFailure.Contention)] // deadlock_detected
    [InlineData("53000", PgFailure.Resources)] // insufficient_resources
    [InlineData("53100", PgFailure.Resources)] // disk_full
    [InlineData("53200", PgFailure.Resources)] // out_of_memory
    [InlineData("53300", PgFailure.Resources)] // too_many_connections
    [InlineData("53400", PgFailure.Resources)] // configuration_limit_exceeded
    [InlineData("58030", PgFailure.Resources)] // io_error
    [InlineData("08000", PgFailure.Connection)] // connection_exception
    [InlineData("08006", PgFailure.Connection)] // connection_failure
    [InlineData("25006", PgFailure.Connection)] // read_only_sql_transaction: not the primary any more
    [InlineData("25P03", PgFailure.Connection)] // idle_in_transaction_session_timeout
    [InlineData("57014", PgFailure.Connection)] // query_canceled
    [InlineData("57P01", PgFailure.Connection)] // admin_shutdown
    [InlineData("57P02", PgFailure.Connection)] // crash_shutdown
    [InlineData("57P03", PgFailure.Connection)] // cannot_connect_now
    [InlineData("XX000", PgFailure.Connection)] // internal_error
    [InlineData("22001", PgFailure.Data)] // string_data_right_truncation
    [InlineData("23505", PgFailure.Data)] // unique_violation
    [InlineData("23514", PgFailure.Data)] // check_violation, also: no partition for the row
    [InlineData("25P02", PgFailure.Data)] // in_failed_sql_transaction
    [InlineData("42501", PgFailure.Data)] // insufficient_privilege
    [InlineData("42P01", PgFailure.Data)] // undefined_table
    [InlineData("QP001", PgFailure.Data)] // ours: an immutable row
    [InlineData("QP002", PgFailure.Data)] // ours: a row was not where the lock had found it
    [InlineData("", PgFailure.Data)]
    [InlineData("5", PgFailure.Data)]
    public void A_state_means(string sqlState, PgFailure failure)
    {
        Assert.Equal(failure, PgErrors.ClassifyState(sqlState));
        Assert.Equal(failure, PgErrors.Classify(new PostgresException("x", "ERROR", "ERROR", sqlState)));
    }

    [Fact]
    public void What_the_server_did_not_say_is_the_connection()
    {
        Assert.Equal(
            PgFailure.Connection,
            PgErrors.Classify(new NpgsqlException("Exception while reading from stream", new IOException()))
        );
        Assert.Equal(PgFailure.Connection, PgErrors.Classify(new SocketException()));
        Assert.Equal(PgFailure.Connection, PgErrors.Classify(new TimeoutException()));
    }

    [Fact]
    public void A_name_that_does_not_resolve_is_a_lost_connection()
    {
        var unresolved = new SocketException((int)SocketError.HostNotFound);
        Assert.True(PgErrors.IsOfDatabase(unresolved));
        Assert.Equal(PgFailure.Connection, PgErrors.Classify(unresolved));
    }
}
