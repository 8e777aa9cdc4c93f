using Npgsql;

namespace QuickPay.IntegrationTests.Support;

/// <summary>Makes all commits of a server wait for a standby that there is none of, until it is told to need none.</summary>
internal sealed class MissingStandby(TestDatabase database)
{
    private readonly Superuser _superuser = new(database);
    private Task _probe = Task.CompletedTask;

    public async Task NeedAsync()
    {
        await _superuser.DoAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await _superuser.DoAsync("SELECT pg_reload_conf()");
        // The checkpointer makes it so, in its own time. The first commit that hangs proves it.
        await Eventually.IsTrueAsync(
            async () =>
            {
                if (_probe.IsCompleted)
                {
                    await _probe;
                    _probe = CommitAsync();
                }
                return await _superuser.AskAsync<long>(
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'probe'"
                    ) > 0;
            },
            "commits wait for the standby"
        );
    }

    /// <summary>What waits goes through.</summary>
    public async Task NeedNoneAsync()
    {
        await _superuser.DoAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await _superuser.DoAsync("SELECT pg_reload_conf()");
        await _probe;
    }

    private async Task CommitAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(database.SuperuserConnectionString)
        {
            ApplicationName = "probe",
            CommandTimeout = 0,
        };
        try
        {
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(CancellationToken.None);
            await using var command = new NpgsqlCommand("SELECT pg_logical_emit_message(true, 'probe', '')", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // Its server was killed, which is part of the story.
        }
    }
}
