using Npgsql;

namespace QuickPay.Postgres;

/// <summary>
/// Commits outside the posting lanes that somebody is told of. One that is cancelled while it waits for the standby *returns success*, with a
/// notice that says so. An administrator may cancel it, and so does the driver itself when the command's time is up; that it does so is right,
/// or those that wait would fill the pool and the server. So the notice is listened to.
/// </summary>
internal static class Commits
{
    /// <summary>Ends a transaction; a commit that was sent is not cancelled by whoever asked for it.</summary>
    /// <exception cref="CommitUnknownException">Anything but a clean COMMIT.</exception>
    public static async Task CommitAsync(NpgsqlTransaction transaction)
    {
        using var doubt = new Doubt(transaction.Connection!);
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            throw new CommitUnknownException(e);
        }
        doubt.ThrowIfAny();
    }

    /// <summary>The first value of a statement that is a transaction of its own, not cancelled either.</summary>
    /// <exception cref="CommitUnknownException">It went through, and the standby may lack it.</exception>
    public static async Task<object?> ScalarAsync(NpgsqlCommand command)
    {
        using var doubt = new Doubt(command.Connection!);
        var value = await command.ExecuteScalarAsync(CancellationToken.None);
        doubt.ThrowIfAny();
        return value;
    }

    /// <summary>Listens while it lives: the connection goes back to its pool, and on to others.</summary>
    private sealed class Doubt : IDisposable
    {
        private readonly NpgsqlConnection _connection;
        private bool _any;

        public Doubt(NpgsqlConnection connection)
        {
            _connection = connection;
            _connection.Notice += Hear;
        }

        public void ThrowIfAny()
        {
            if (_any)
            {
                throw new CommitUnknownException();
            }
        }

        public void Dispose() => _connection.Notice -= Hear;

        private void Hear(object sender, NpgsqlNoticeEventArgs e) => _any |= PgErrors.TakesCommitBack(e.Notice);
    }
}
