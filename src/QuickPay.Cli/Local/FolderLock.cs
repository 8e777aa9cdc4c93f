namespace QuickPay.Cli.Local;

/// <summary>
/// At most one command runs in a data folder. The kernel holds the lock (flock) and lets go when we die, however we die: it cannot become
/// stale. What may be left after a crash is processes, and those are looked up in the state and stopped.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private static readonly TimeSpan OrphanPatience = TimeSpan.FromSeconds(30);
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <exception cref="LocalException">Another command runs here.</exception>
    public static FolderLock Take(DataFolder data)
    {
        try
        {
            return new FolderLock(new FileStream(data.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            var owner = RunState.Read(data).Owner is { IsAlive: true } running ? $" (process {running.Pid})" : "";
            throw new LocalException(
                $"QuickPay already runs in {data.Root}{owner}. Stop it with Ctrl-C where it was started, or start a second copy beside it: "
                    + "./quickpay up --data ANOTHER_FOLDER --port ANOTHER_PORT"
            );
        }
    }

    /// <summary>Ends what a killed predecessor left running, last started first.</summary>
    public static async Task StopOrphansAsync(DataFolder data, Action<string> say, TimeProvider clock, CancellationToken cancellationToken)
    {
        var state = RunState.Read(data);
        foreach (var orphan in state.Processes.Reverse().Where(process => process.Identity.IsAlive))
        {
            say($"{orphan.Name} (process {orphan.Identity.Pid}) was left over from a run that was killed: stopping it");
            Native.TrySignal(orphan.Identity.Pid, orphan.Role == "postgres" ? Signal.Interrupt : Signal.Terminate);
            // One that was stopped (SIGSTOP) hears nothing before it goes on.
            Native.TrySignal(orphan.Identity.Pid, Signal.Continue);
            var asked = clock.GetTimestamp();
            while (orphan.Identity.IsAlive)
            {
                if (clock.GetElapsedTime(asked) > OrphanPatience)
                    Native.TrySignal(orphan.Identity.Pid, Signal.Kill);
                await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken).ConfigureAwait(false);
            }
        }
        (state with { Owner = null, Processes = [] }).Write(data);
    }

    public void Dispose() => _file.Dispose();
}
