using System.Collections.Concurrent;
using System.Diagnostics;

namespace QuickPay.Cli.Local;

/// <summary>How to start a child. Secrets belong in files: arguments and environment can be read by others.</summary>
internal sealed record ChildStart(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>Gets standard output and error, appended. The child writes to it by itself, so it needs no reader.</summary>
    public required string LogFile { get; init; }

    public required string WorkingFolder { get; init; }

    /// <summary>Null: the user we are.</summary>
    public OsUser? User { get; init; }

    /// <summary>The network namespace (`ip netns`) that it lives in; null: ours. Only root can enter one.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>What the kernel sends to the child when we die, however we die.</summary>
    public Signal OnOurDeath { get; init; } = Signal.Terminate;

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// A process of ours. It leads a session of its own, so that Ctrl-C on the terminal reaches us alone and we stop things in order; and the
/// kernel ends it when we die, also by kill -9.
/// </summary>
public sealed class ChildProcess
{
    private static readonly BlockingCollection<Action> Launches = StartLauncher();

    private ChildProcess(Process process, ProcessIdentity identity)
    {
        Identity = identity;
        Exited = WaitAsync(process);
    }

    /// <summary>Which process exactly, also when its number is used again.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>Its number.</summary>
    public int Pid => Identity.Pid;

    /// <summary>Completes with the exit code (128 + signal number when a signal ended it); never fails.</summary>
    public Task<int> Exited { get; }

    internal static async Task<ChildProcess> StartAsync(ChildStart start)
    {
        // sh only opens the log, nsenter goes where the network is, setsid makes the session, setpriv sets user and death signal: each
        // replaces itself by the next (exec), so that the number .NET knows is the server's own.
        List<string> command =
        [
            "-c",
            """exec "$@" >>"$0" 2>&1 </dev/null""",
            start.LogFile,
            .. Enter(start.NetworkNamespace),
            "setsid",
            .. Confine(start.User, start.OnOurDeath),
        ];
        var info = new ProcessStartInfo("/bin/sh", [.. command, start.FileName, .. start.Arguments])
        {
            WorkingDirectory = start.WorkingFolder,
            // Redirected only so that .NET leaves the terminal's settings alone; the pipes end at the sh.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (start.User is not null)
            KeepOnlyHarmless(info.Environment);
        foreach (var (name, value) in start.Environment)
            info.Environment[name] = value;

        var process = await LaunchAsync(info).ConfigureAwait(false);
        process.StandardInput.Close();
        process.StandardOutput.Close();
        process.StandardError.Close();
        // Gone already: an identity that is never alive will do, the exit code tells the rest.
        var identity = ProcessIdentity.Of(process.Id) ?? new ProcessIdentity(process.Id, 0, "");
        return new ChildProcess(process, identity);
    }

    private static IEnumerable<string> Enter(string? networkNamespace) =>
        networkNamespace is null ? [] : ["nsenter", $"--net=/run/netns/{networkNamespace}", "--"];

    /// <summary>The setpriv call in front of a command: that user without any way back up, and a signal when we die.</summary>
    internal static IEnumerable<string> Confine(OsUser? user, Signal onOurDeath)
    {
        yield return "setpriv";
        yield return "--pdeathsig";
        yield return onOurDeath == Signal.Interrupt ? "INT" : "TERM";
        if (user is null)
            yield break;
        yield return $"--reuid={user.UserId}";
        yield return $"--regid={user.GroupId}";
        yield return "--init-groups";
        yield return "--no-new-privs";
    }

    /// <summary>Another user's process gets nothing of our environment but where programs are.</summary>
    internal static void KeepOnlyHarmless(IDictionary<string, string?> environment)
    {
        environment.Clear();
        environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        environment["LANG"] = "C.UTF-8";
    }

    /// <summary>
    /// Starts a process from the one thread that lives as long as we do. The kernel sends the death signal when the starting *thread* ends
    /// (prctl(2), PR_SET_PDEATHSIG), and the threads of the pool come and go: a server started from one would be stopped at random.
    /// </summary>
    internal static Task<Process> LaunchAsync(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Launches.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(info) ?? throw new InvalidOperationException($"{info.FileName} did not start"));
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        });
        return started.Task;
    }

    /// <summary>False when it has already gone.</summary>
    public bool TrySignal(Signal signal) => !Exited.IsCompleted && Native.TrySignal(Pid, signal);

    /// <summary>Asks, waits, and kills what does not listen. Returns the exit code.</summary>
    public async Task<int> StopAsync(Signal signal, TimeSpan patience, TimeProvider clock)
    {
        TrySignal(signal);
        // A stopped process (SIGSTOP) would not hear anything but SIGKILL.
        TrySignal(Signal.Continue);
        try
        {
            return await Exited.WaitAsync(patience, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            TrySignal(Signal.Kill);
            return await Exited.ConfigureAwait(false);
        }
    }

    private static async Task<int> WaitAsync(Process process)
    {
        using var waited = process;
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        return process.ExitCode;
    }

    private static BlockingCollection<Action> StartLauncher()
    {
        var launches = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var launch in launches.GetConsumingEnumerable())
                launch();
        })
        {
            IsBackground = true,
            Name = "launches children",
        };
        thread.Start();
        return launches;
    }
}
