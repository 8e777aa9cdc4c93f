namespace QuickPay.Cli.Local;

/// <summary>Keeps `state.json` true while a command holds its folder.</summary>
internal sealed class RunStateKeeper
{
    private readonly DataFolder _data;
    private readonly FolderLock _lock;
    private readonly Lock _gate = new();
    private RunState _state;

    /// <param name="data">The folder.</param>
    /// <param name="folderLock">Held until <see cref="Release"/>.</param>
    /// <param name="first">What is known already, but for its owner, who we are.</param>
    public RunStateKeeper(DataFolder data, FolderLock folderLock, RunState? first = null)
    {
        (_data, _lock) = (data, folderLock);
        _state = (first ?? new RunState()) with { Owner = ProcessIdentity.Of(Environment.ProcessId) };
        _state.Write(data);
    }

    /// <summary>Notes a process that was just started (again), so that `status` shows it and a successor finds it.</summary>
    public void Note(ILocalServer server) =>
        Note(new RunningProcess(server.Name, server.Role, server.Zone, server.Address, server.HealthUrl, server.Process!.Identity));

    /// <summary>See <see cref="Note(ILocalServer)"/>; the last one noted is the first one that a successor stops.</summary>
    public void Note(RunningProcess running) =>
        Update(state => state with { Processes = [.. state.Processes.Where(process => process.Name != running.Name), running] });

    /// <summary>Changes and writes it, one change at a time.</summary>
    public void Update(Func<RunState, RunState> change)
    {
        lock (_gate)
        {
            _state = change(_state);
            _state.Write(_data);
        }
    }

    /// <summary>Lets the folder go.</summary>
    /// <param name="ended">False when the folder is gone.</param>
    public void Release(bool ended)
    {
        if (ended)
            Update(state => state with { Owner = null, ApiUrl = null, EdgeUrl = null, Processes = [] });
        _lock.Dispose();
    }
}
