using Npgsql;

namespace QuickPay.Postgres;

/// <summary>
/// Nobody knows whether a commit is there after a failover. It may be seen already, and whoever asked for it must not be told that it was done.
/// To whom this is just an error of the database, it is one that sends to another connection: try again.
/// </summary>
public sealed class CommitUnknownException : NpgsqlException
{
    public CommitUnknownException(Exception? innerException = null)
        : base("It is not known whether the commit is where it has to be.", innerException) { }
}
