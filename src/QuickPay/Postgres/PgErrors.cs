using System.Net.Sockets;
using Npgsql;

namespace QuickPay.Postgres;

/// <summary>What an error of the database means for the work that met it.</summary>
public enum PgFailure
{
    /// <summary>A row or key was locked by another transaction for longer than lock_timeout.</summary>
    LockTimeout,

    /// <summary>Two transactions crossed; trying again is right.</summary>
    Contention,

    /// <summary>No room, no memory, no connection slot: nothing was written; later it may work.</summary>
    Resources,

    /// <summary>The server went away, is shutting down or is not the primary: another connection is needed.</summary>
    Connection,

    /// <summary>The data or the statement is wrong: trying again gives the same.</summary>
    Data,
}

/// <summary>SQLSTATEs (PostgreSQL's appendix A) mapped once.</summary>
public static class PgErrors
{
    public const string LockNotAvailable = "55P03";
    public const string UniqueViolation = "23505";

    /// <summary>It took too long, or whoever asked has gone.</summary>
    public const string QueryCanceled = "57014";

    /// <summary>A warning that is really an outcome: the wait for the standby was cut short.</summary>
    public const string SynchronousWaitCancelled = "01000";

    /// <summary>A COMMIT outside a transaction, which is only a warning too.</summary>
    public const string NoTransaction = "25P01";

    /// <summary>True for the warnings that come with the success of a COMMIT and say that it is none.</summary>
    public static bool TakesCommitBack(PostgresNotice notice) => notice.SqlState is SynchronousWaitCancelled or NoTransaction;

    /// <summary>
    /// True for what the driver throws when the database refuses, breaks off or is not there; a name that does not resolve comes bare.
    /// </summary>
    public static bool IsOfDatabase(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or SocketException;

    public static PgFailure Classify(Exception exception) =>
        exception is PostgresException postgres ? ClassifyState(postgres.SqlState) : PgFailure.Connection;

    public static PgFailure ClassifyState(string sqlState) =>
        sqlState switch
        {
            LockNotAvailable => PgFailure.LockTimeout,
            "40001" or "40P01" => PgFailure.Contention,
            // Idle-in-transaction and read-only sessions: this connection is of no use any more.
            "25P03" or "25006" => PgFailure.Connection,
            // The driver believes a statement prepared that is not. It may: an error in the middle of a batch, on a session that is just
            // preparing its statements, leaves the later ones so. Only another session helps.
            "26000" => PgFailure.Connection,
            ['5', '3', ..] => PgFailure.Resources,
            // I/O errors of the server; 58030 is also what a full disk may say.
            ['5', '8', ..] => PgFailure.Resources,
            ['5', '7', ..] or ['0', '8', ..] or ['X', 'X', ..] => PgFailure.Connection,
            _ => PgFailure.Data,
        };
}
