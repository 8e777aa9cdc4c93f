namespace QuickPay.Cli.Local;

/// <summary>The wait for a process that was just launched, the same for every server.</summary>
/// <param name="Name">The server's.</param>
/// <param name="Process">What was launched.</param>
/// <param name="LogFile">Why it does not come up.</param>
/// <param name="Clock">The time.</param>
internal sealed record ServerStart(string Name, ChildProcess Process, string LogFile, TimeProvider Clock)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long it may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How it is told to go when it took too long.</summary>
    public Signal Stop { get; init; } = Signal.Terminate;

    /// <summary>Returns when it answers. One that does not is stopped, so that nothing is left of a start that failed.</summary>
    /// <exception cref="StartFailedException">It ended, or did not answer in time.</exception>
    public async Task WhenAsync(Func<CancellationToken, Task<bool>> answers, CancellationToken cancellationToken)
    {
        var began = Clock.GetTimestamp();
        try
        {
            while (!await answers(cancellationToken).ConfigureAwait(false))
            {
                if (Process.Exited.IsCompleted)
                    throw Local.LogFile.Explain(Name, await Process.Exited.ConfigureAwait(false), LogFile);
                if (Clock.GetElapsedTime(began) > Patience)
                    throw new StartFailedException(
                        $"{Name} did not answer within {Patience.TotalSeconds:0.#} s. {LogFile}:\n{Local.LogFile.Tail(LogFile)}"
                    );
                await Task.Delay(LookEvery, Clock, cancellationToken).ConfigureAwait(false);
            }
        }
        catch when (!cancellationToken.IsCancellationRequested)
        {
            // Cancelled, it is stopped with all the others, in order.
            await Process.StopAsync(Stop, StopPatience, Clock).ConfigureAwait(false);
            throw;
        }
    }
}
