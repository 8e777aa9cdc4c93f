using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace QuickPay.Members;

/// <summary>How much of a server slow hashes may take, those for logins and those for PINs each.</summary>
public sealed class SlowHashOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "SlowHashes";

    /// <summary>Hashes at the same time; each takes one core and 19 MiB.</summary>
    [Range(1, 64)]
    public int Workers { get; init; } = 2;

    /// <summary>Requests that may wait for a worker; the next one is told to come back.</summary>
    [Range(0, 10_000)]
    public int WaitingMax { get; init; } = 64;
}

/// <summary>
/// Keeps logins from starving payments: few hashes at a time, each on a thread of its own (never one of the pool that serves
/// requests) that yields to every other thread, and a short queue.
/// </summary>
public sealed class SlowHashPool : IDisposable
{
    private const int PriorityOfProcess = 0;
    private const int Niceness = 10;

    private readonly SemaphoreSlim _workers;
    private readonly int _waitingMax;
    private int _waiting;

    public SlowHashPool(IOptions<SlowHashOptions> options)
    {
        _workers = new SemaphoreSlim(options.Value.Workers);
        _waitingMax = options.Value.WaitingMax;
    }

    /// <summary>Waits for a worker; null when too many wait already. Dispose it to give the worker back.</summary>
    internal async ValueTask<Worker?> EnterAsync(CancellationToken cancellationToken)
    {
        if (_workers.Wait(0, CancellationToken.None))
        {
            return new Worker(_workers);
        }

        if (Interlocked.Increment(ref _waiting) > _waitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            await _workers.WaitAsync(cancellationToken);
            return new Worker(_workers);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _workers.Dispose();

    /// <summary>A worker that was waited for.</summary>
    internal sealed class Worker(SemaphoreSlim workers) : IDisposable
    {
        /// <summary>Runs one hash. Not cancellable: an attempt that was begun is finished and counted.</summary>
        public static Task<T> RunAsync<T>(Func<T> hash) =>
            Task.Factory.StartNew(
                () =>
                {
                    StepBack();
                    return hash();
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );

        public void Dispose() => workers.Release();

        private static void StepBack()
        {
            // .NET does not pass thread priorities on to Linux. There, niceness belongs to the thread, 0 names the calling one, and the
            // thread ends with its hash. Without the right to do so nothing is lost but politeness.
            if (OperatingSystem.IsLinux())
            {
                _ = SetPriority(PriorityOfProcess, 0, Niceness);
            }
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int niceness);
}
