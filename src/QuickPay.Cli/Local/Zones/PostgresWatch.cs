namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// Looks after PostgreSQL in three zones while it runs: read replicas follow the synchronous standby wherever it goes, and the state of the
/// run knows each postmaster, since Patroni starts those and they outlive it.
/// </summary>
internal sealed class PostgresWatch(ZonedPostgres postgres, RunStateKeeper state, Action<string> say, TimeProvider clock)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    // A replica that says for so long that it cannot follow, while there is one to stream from, is copied anew.
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(15);
    private readonly Dictionary<string, ProcessIdentity> _postmasters = [];
    private readonly Dictionary<string, long> _streamedLast = [];

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        do
        {
            await TryAsync(() => LookAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        } while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        NotePostmasters();
        var view = await postgres.ViewAsync(cancellationToken).ConfigureAwait(false);
        var standby = postgres.SynchronousStandbyIn(view);
        // Before it is started again: without the one that it streams from, it may never get so far that it answers.
        foreach (var replica in postgres.Replicas.Where(replica => standby is not null && replica.Upstream != standby.PostgresAddress))
        {
            say($"{replica.Name} follows {standby!.NodeName}");
            replica.Follow(standby);
            _streamedLast[replica.Name] = clock.GetTimestamp();
        }
        foreach (var ended in postgres.Replicas.Where(replica => replica is { HasData: true, Process.Exited.IsCompleted: true }))
            await TryAsync(() => StartAsync(ended, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (standby is not null)
            foreach (var replica in postgres.Replicas.Where(replica => !replica.HasData || IsLost(replica, view)))
                await CopyAnewAsync(replica, standby, cancellationToken).ConfigureAwait(false);
    }

    private async Task StartAsync(ReadReplica replica, CancellationToken cancellationToken)
    {
        await replica.StartAsync(cancellationToken).ConfigureAwait(false);
        state.Note(replica);
    }

    private async Task CopyAnewAsync(ReadReplica replica, PatroniNode standby, CancellationToken cancellationToken)
    {
        say($"{replica.Name} can no longer follow: copying {standby.NodeName} anew");
        _streamedLast[replica.Name] = clock.GetTimestamp();
        await TryAsync(
                async () =>
                {
                    await replica.StopAsync().ConfigureAwait(false);
                    await replica.CopyAsync(standby, cancellationToken).ConfigureAwait(false);
                    replica.Follow(standby);
                    await StartAsync(replica, cancellationToken).ConfigureAwait(false);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private bool IsLost(ReadReplica replica, PostgresView view)
    {
        if (view.Servers.FirstOrDefault(server => server.Name == replica.Name) is not { } says || says.StreamsFrom is not null)
        {
            // It streams; or it does not run, and is started again.
            _streamedLast[replica.Name] = clock.GetTimestamp();
            return false;
        }
        // One that cannot reach anybody is not lost: it goes on when the line is mended.
        _streamedLast.TryAdd(replica.Name, clock.GetTimestamp());
        return replica.SaysThatItCannotFollow && clock.GetElapsedTime(_streamedLast[replica.Name]) > LostAfter;
    }

    private void NotePostmasters()
    {
        foreach (var node in postgres.Nodes)
            if (node.Postmaster is { } postmaster && _postmasters.GetValueOrDefault(node.NodeName) != postmaster)
            {
                _postmasters[node.NodeName] = postmaster;
                state.Note(
                    new RunningProcess(node.NodeName, "postgres", node.Zone, node.PostgresAddress, node.PostgresAddress, postmaster)
                );
            }
    }

    private async Task TryAsync(Func<Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // The node that it needs may have gone meanwhile, a disk may be full: the next round tries again.
            say(failure.Message);
        }
    }
}
