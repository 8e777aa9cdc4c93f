using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using QuickPay.Edge.Http;

namespace QuickPay.Edge.Firewall;

/// <summary>How asking for an inspection ended.</summary>
internal enum InspectionOutcome
{
    /// <summary>There is a verdict.</summary>
    Judged,

    /// <summary>The queue was full, another client needed the place more, or the deadline passed.</summary>
    Overloaded,

    /// <summary>The inspection itself failed. Nobody knows what the request holds, so it does not pass.</summary>
    Failed,
}

/// <param name="Outcome">Says whether there is a verdict.</param>
/// <param name="Verdict">With <see cref="InspectionOutcome.Judged"/> only.</param>
internal readonly record struct InspectionResult(InspectionOutcome Outcome, Verdict? Verdict = null);

/// <summary>
/// Inspects on threads of its own. An inspection computes for about 2 ms, so on the threads that forward, a few dozen would hold up
/// everybody; here they wait in a bounded queue, each client address in turn, and stand back when cores are few.
/// </summary>
internal sealed partial class InspectionPool : IDisposable
{
    private readonly Func<InspectedRequest, Verdict> _inspect;
    private readonly TimeProvider _time;
    private readonly ILogger<InspectionPool> _logger;
    private readonly TimeSpan _timeout;
    private readonly int _niceness;
    private readonly object _gate = new();
    private readonly FairQueue<ClientNetwork, Job> _queue;
    private readonly Thread[] _workers;
    private bool _stopped;

    public InspectionPool(ModSecurityEngine engine, IOptions<FirewallOptions> options, TimeProvider time, ILogger<InspectionPool> logger)
        : this(engine.Inspect, options.Value, time, logger) { }

    internal InspectionPool(
        Func<InspectedRequest, Verdict> inspect,
        FirewallOptions options,
        TimeProvider time,
        ILogger<InspectionPool> logger
    )
    {
        (_inspect, _time, _logger) = (inspect, time, logger);
        _timeout = TimeSpan.FromMilliseconds(options.InspectTimeoutMs);
        _niceness = options.WorkerNiceness;
        _queue = new FairQueue<ClientNetwork, Job>(options.QueueMax, options.QueuePerClientMax);
        _workers = [.. Enumerable.Range(1, options.WorkerCount).Select(Start)];
    }

    /// <summary>For tests: requests that wait now.</summary>
    internal int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask<InspectionResult> InspectAsync(InspectedRequest request, CancellationToken cancellationToken)
    {
        var client = ClientNetwork.Of(request.Client);
        var job = new Job(request);
        Job? dropped;
        lock (_gate)
        {
            if (_stopped || !_queue.TryAdd(client, job, out dropped))
            {
                return new InspectionResult(InspectionOutcome.Overloaded);
            }
            Monitor.Pulse(_gate);
        }
        dropped?.Result.TrySetResult(new InspectionResult(InspectionOutcome.Overloaded));
        var result = job.Result.Task;
        await ((Task)result).WaitAsync(_timeout, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (result.IsCompletedSuccessfully)
        {
            return await result;
        }
        // Nobody waits for it any more; if a worker has begun it, what it says is not heard.
        lock (_gate)
        {
            _queue.Remove(client, job);
        }
        cancellationToken.ThrowIfCancellationRequested();
        return new InspectionResult(InspectionOutcome.Overloaded);
    }

    /// <summary>Ends the workers after what they have at hand; what waits is answered as overloaded.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            while (_queue.TryTake(out var job))
            {
                job.Result.TrySetResult(new InspectionResult(InspectionOutcome.Overloaded));
            }
            Monitor.PulseAll(_gate);
        }
        foreach (var worker in _workers)
        {
            // Not for ever: the process is ending, and these are background threads.
            worker.Join(TimeSpan.FromSeconds(5));
        }
    }

    private Thread Start(int number)
    {
        var thread = new Thread(Work) { IsBackground = true, Name = $"firewall-{number}" };
        thread.Start();
        return thread;
    }

    private void Work()
    {
        const int thisThread = 0;
        if (_niceness > 0 && SetPriority(PriorityOfProcess, thisThread, _niceness) != 0)
        {
            FirewallLog.NoNiceness(_logger, _niceness);
        }
        while (Take() is { } job)
        {
            var result = new InspectionResult(InspectionOutcome.Failed);
            try
            {
                result = new InspectionResult(InspectionOutcome.Judged, _inspect(job.Request));
            }
            catch (Exception e)
            {
                FirewallLog.InspectionFailed(_logger, e.GetType().Name, e.Message);
            }
            job.Result.TrySetResult(result);
        }
    }

    private Job? Take()
    {
        lock (_gate)
        {
            while (!_stopped)
            {
                if (_queue.TryTake(out var job))
                {
                    return job;
                }
                Monitor.Wait(_gate);
            }
            return null;
        }
    }

    private const int PriorityOfProcess = 0;

    /// <summary>On Linux each thread has a priority of its own, although this is named after processes.</summary>
    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, int who, int niceness);

    private sealed class Job(InspectedRequest request)
    {
        public InspectedRequest Request => request;

        /// <summary>Its continuations run elsewhere: a worker forwards nothing.</summary>
        public TaskCompletionSource<InspectionResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
