using QuickPay.Cli.Drills.History;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>What a call came to, repeats included.</summary>
/// <param name="Ended">A timestamp of the clock.</param>
/// <param name="Last">The last attempt; null when there was none.</param>
internal sealed record CallEnd(OperationOutcome Outcome, int Attempts, IReadOnlyList<string> Errors, long Ended, Attempt? Last)
{
    /// <summary>For people: what went wrong, the same once.</summary>
    public string Why => string.Join(", ", Errors.Distinct());
}

/// <summary>
/// A member's program as we would write it: an attempt has a time limit; what may pass by itself is sent again, unchanged and under the same
/// key, after growing pauses and to the next edge when one does not answer; a session that has ended is renewed; patience is limited.
/// </summary>
internal sealed class Persistence(Send send, TimeProvider clock)
{
    public const string Abandoned = "abandoned";

    /// <summary>Ends with an outcome, also when cancelled: then with `abandoned` among the errors.</summary>
    /// <param name="call">What.</param>
    /// <param name="home">The edge to begin with.</param>
    /// <param name="session">Whose; null for what needs none.</param>
    /// <param name="patience">For all attempts together.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    public async Task<CallEnd> CallAsync(
        Call call,
        int home,
        MemberSession? session,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        var started = clock.GetTimestamp();
        var (edge, attempts, mayBeDone) = (home, 0, false);
        var errors = new List<string>();
        Attempt? last = null;
        try
        {
            while (true)
            {
                var tokens = session is null ? null : await session.TokensAsync(edge, Left(), cancellationToken);
                attempts++;
                last = await send(call, edge, tokens?.Access, session?.Consistency, Limit(Left()), cancellationToken);
                session?.Remember(last.Consistency);
                var verdict = last.Verdict;
                if (verdict == Verdict.Done)
                    return End(OperationOutcome.Acknowledged);

                errors.Add(last.Error);
                switch (verdict)
                {
                    case Verdict.Refused:
                        return End(OperationOutcome.Refused);
                    case Verdict.RefusedAtTheDoor:
                    case Verdict.NoSession when session is null:
                        return End(mayBeDone ? OperationOutcome.Unknown : OperationOutcome.Refused);
                    case Verdict.NoSession:
                        await session.RenewAsync(tokens!, edge, Left(), cancellationToken);
                        break;
                    case Verdict.Open:
                        mayBeDone = true;
                        break;
                }
                if (last.Status == 0 || last.IsOfAnEdgeWithoutServers)
                    edge++;
                if (Pauses.Before(attempts, last.RetryAfter, Left(), Random.Shared.NextDouble()) is not { } pause)
                    return End(OperationOutcome.Unknown);
                await Task.Delay(pause, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            errors.Add(Abandoned);
            return End(OperationOutcome.Unknown);
        }

        TimeSpan Left() => patience - clock.GetElapsedTime(started);

        CallEnd End(OperationOutcome outcome) => new(outcome, attempts, errors, clock.GetTimestamp(), last);
    }

    /// <summary>The time limit of one attempt.</summary>
    internal static TimeSpan Limit(TimeSpan left) =>
        left >= EdgeClient.AttemptTimeout ? EdgeClient.AttemptTimeout
        : left > TimeSpan.FromMilliseconds(1) ? left
        : TimeSpan.FromMilliseconds(1);
}
