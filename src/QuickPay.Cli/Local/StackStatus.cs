using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Local;

/// <summary>What runs: the answer of `status --json`.</summary>
public sealed record StackStatus(StackUrls Urls, IReadOnlyList<ProcessStatus> Processes)
{
    /// <summary>Started to the end, and every process answers.</summary>
    public bool IsHealthy() => Urls.Api is not null && Processes.All(process => process.Health == ProcessStatus.Healthy);

    /// <summary>Asks each process as its clients do.</summary>
    public static async Task<StackStatus> ReadAsync(DataFolder data, CancellationToken cancellationToken)
    {
        var state = RunState.Read(data);
        if (!state.IsRunning)
            return new StackStatus(new StackUrls(null, null), []);
        var questions = new ProcessQuestions(data);
        var states = await ProcessStates.ReadAsync(data, state.Processes, cancellationToken).ConfigureAwait(false);
        var processes = await Task.WhenAll(state.Processes.OrderBy(process => process.Name, StringComparer.Ordinal).Select(AskAsync))
            .ConfigureAwait(false);
        return new StackStatus(new StackUrls(state.ApiUrl, state.EdgeUrl), processes);

        async Task<ProcessStatus> AskAsync(RunningProcess process)
        {
            var answers = process.Identity.IsAlive && await questions.AnswersAsync(process, cancellationToken).ConfigureAwait(false);
            var health = answers ? ProcessStatus.Healthy : ProcessStatus.Unhealthy;
            var inside = process.HealthUrl == process.Address ? null : process.HealthUrl;
            var (part, behind) = states.GetValueOrDefault(process.Name);
            return new ProcessStatus(process.Name, process.Role, process.Zone, process.Identity.Pid, process.Address, inside, health)
            {
                Part = part,
                BehindBytes = behind,
            };
        }
    }
}

/// <summary>The first API server, and where members come in.</summary>
public sealed record StackUrls(string? Api, string? Edge);

/// <summary>One process and how it is.</summary>
/// <param name="Address">Where its clients come in.</param>
/// <param name="InternalAddress">Where it is looked after from, when that is another one: an edge's.</param>
/// <param name="Health">`healthy` or `unhealthy`.</param>
public sealed record ProcessStatus(string Name, string Role, string Zone, int Pid, string Address, string? InternalAddress, string Health)
{
    /// <summary>What it is among its like: `primary`, `synchronous standby`, `replica of pg-b`, `leader`, `stands by`; null for those that are all alike.</summary>
    public string? Part { get; init; }

    /// <summary>How much of the primary's log a PostgreSQL has not received yet.</summary>
    public long? BehindBytes { get; init; }

    public const string Healthy = "healthy";
    public const string Unhealthy = "unhealthy";
}
