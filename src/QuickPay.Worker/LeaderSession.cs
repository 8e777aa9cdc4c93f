using Npgsql;

namespace QuickPay.Worker;

/// <summary>A connection that is asked short questions, each answered in time or not at all: after one that was not, it is of no use.</summary>
internal sealed class LeaderSession(NpgsqlConnection connection, TimeSpan answerWithin, TimeProvider time) : IAsyncDisposable
{
    private Task _question = Task.CompletedTask;

    /// <param name="sql">Answers with one truth value.</param>
    /// <param name="parameter">Its <c>$1</c>, if it has one.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    public Task<bool?> AskAsync(string sql, long? parameter, CancellationToken cancellationToken)
    {
        var question = RunAsync(sql, parameter);
        _question = question;
        // The driver is told to stop at the same time, but then tries for seconds to tell a server that may be out of reach.
        return question.WaitAsync(answerWithin, time, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_question.IsCompleted)
        {
            await connection.DisposeAsync();
        }
        else
        {
            _ = LeaveAsync();
        }
    }

    private async Task<bool?> RunAsync(string sql, long? parameter)
    {
        using var deadline = new CancellationTokenSource(answerWithin, time);
        await using var command = new NpgsqlCommand(sql, connection);
        if (parameter is { } value)
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
        }
        return await command.ExecuteScalarAsync(deadline.Token) as bool?;
    }

    /// <summary>Nobody waits for it: it ends with the driver's patience, or the server's.</summary>
    private async Task LeaveAsync()
    {
        await _question.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.DisposeAsync();
    }
}
