namespace QuickPay.Cli.Local;

/// <summary>One server process of ours, as the supervisor and `status` see it.</summary>
public interface ILocalServer
{
    /// <summary>Unique on this machine: `postgres`, `redis`, `api-1`, `worker`, `edge-1`.</summary>
    string Name { get; }

    /// <summary>What it is: `postgres`, `redis`, `sentinel`, `api`, `worker`, `edge`.</summary>
    string Role { get; }

    /// <summary>The zone it runs in: `a`, `b` or `c`; alone on a machine everything is in `a`.</summary>
    string Zone => "a";

    /// <summary>Where it answers: `127.0.0.1:5433` or a URL.</summary>
    string Address { get; }

    /// <summary>Where a host answers `/health/ready`, when that is not its address.</summary>
    string HealthUrl => Address;

    /// <summary>The running process; null before the first start.</summary>
    ChildProcess? Process { get; }

    /// <summary>Completes with the exit code when the process of the last start has ended; see <see cref="ChildProcess.Exited"/>.</summary>
    Task<int> Exited => Process!.Exited;

    /// <summary>Starts it and returns when it answers.</summary>
    /// <exception cref="StartFailedException">It ended, or did not answer in time.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops it in order; kills it when it takes too long. Nothing happens when it does not run.</summary>
    Task StopAsync();
}
