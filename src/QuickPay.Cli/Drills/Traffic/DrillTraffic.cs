using System.Collections.Concurrent;
using System.Text.Json;
using QuickPay.Cli.Drills.History;
using QuickPay.Ledger;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>
/// What members want while something breaks, as an open loop: each operation is sent when it is due, whatever became of those before.
/// <code>
/// await members.GetReadyAsync(ct);
/// await using var traffic = DrillTraffic.Start(options, members, clock);
/// …break something; traffic.Pulse shows when it has recovered…
/// await traffic.StopAsync(ct);
/// var history = await traffic.ResolveAsync(ct);
/// var lost = await members.LostSessionsAsync(ct);
/// </code>
/// </summary>
public sealed class DrillTraffic : IAsyncDisposable
{
    private const int ResolvedAtOnce = 16;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private readonly TrafficOptions _options;
    private readonly DrillMembers _members;
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly TrafficRecord _record = new();
    private readonly ConcurrentDictionary<long, Task> _underWay = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoning = new();
    private readonly Task _sending;
    private int _inFlight;

    private DrillTraffic(TrafficOptions options, DrillMembers members, TimeProvider clock)
    {
        (_options, _members, _clock, _start) = (options, members, clock, clock.GetTimestamp());
        _sending = Task.Run(SendAllAsync);
    }

    /// <summary>Since its beginning; the clock of the history.</summary>
    public TimeSpan Elapsed => _clock.GetElapsedTime(_start);

    /// <summary>How it goes at this moment.</summary>
    public TrafficPulse Pulse => _record.PulseAt(Elapsed, Volatile.Read(ref _inFlight));

    /// <summary>The transfers that were acknowledged within the last so and so long, at most 10 s.</summary>
    public int TransfersWithin(TimeSpan last) => _record.TransfersWithin(Elapsed, last);

    /// <summary>Begins to send. Members may drive one traffic at a time.</summary>
    public static DrillTraffic Start(TrafficOptions options, DrillMembers members, TimeProvider clock)
    {
        options.RequireSense();
        return new DrillTraffic(options, members, clock);
    }

    /// <summary>
    /// The idempotency key of a transfer, by which the books name its operation. Not its memo: texts that nobody has used before are inspected
    /// by the firewall each, and members mostly write what others write.
    /// </summary>
    public static string KeyOf(string run, long number) => $"drill-{run}-{number}";

    /// <summary>Sends nothing new and returns when everything under way has an outcome. Cancelled, it gives up on those at once.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await using var giveUp = cancellationToken.Register(_abandoning.Cancel);
        await _sending;
        await Task.WhenAll(_underWay.Values);
    }

    /// <summary>
    /// After <see cref="StopAsync"/>: sends every transfer whose outcome is unknown again, under its key, until there is an answer. One that
    /// was never done is done by it. Returns the whole history by number; what the members knew stays as it was.
    /// </summary>
    public async Task<IReadOnlyList<Operation>> ResolveAsync(CancellationToken cancellationToken)
    {
        var history = _record.Operations();
        var open = Enumerable.Range(0, history.Length).Where(at => IsToResolve(history[at]));
        await Parallel.ForEachAsync(
            open,
            new ParallelOptions { MaxDegreeOfParallelism = ResolvedAtOnce, CancellationToken = cancellationToken },
            async (at, token) => history[at] = await ResolveAsync(history[at], token)
        );
        return history;
    }

    /// <summary>Gives up on what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _abandoning.CancelAsync();
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
        _abandoning.Dispose();
    }

    private static bool IsToResolve(Operation operation) =>
        operation is { Kind: OperationKind.Transfer, Outcome: OperationOutcome.Unknown, Attempts: > 0, Resolution: null };

    private async Task SendAllAsync()
    {
        foreach (var planned in TrafficSchedule.Of(_options, _members.Count))
        {
            // A timer goes by a coarser clock than ours and may be some milliseconds early; nothing is sent before it is due.
            while (planned.Due - Elapsed is { Ticks: > 0 } wait && !_stopping.IsCancellationRequested)
                await Task.Delay(wait > Shortest ? wait : Shortest, _clock, _stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested)
                return;
            Send(planned);
        }
    }

    private void Send(PlannedOperation planned)
    {
        if (Volatile.Read(ref _inFlight) >= _options.InFlightMax)
        {
            _record.Add(OperationOf(planned, Elapsed) with { Ended = Elapsed, Attempts = 0, Errors = [TrafficRecord.NotSent] });
            return;
        }
        Interlocked.Increment(ref _inFlight);
        // Kept until it has ended well: StopAsync meets a mistake of ours here.
        var task = RunAsync(planned);
        _underWay[planned.Number] = task;
        _ = task.ContinueWith(
            _ => _underWay.TryRemove(planned.Number, out var _),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    private async Task RunAsync(PlannedOperation planned)
    {
        var operation = OperationOf(planned, Elapsed);
        var member = _members[planned.Member];
        var cancellation = _abandoning.Token;
        switch (planned.Kind)
        {
            case OperationKind.Transfer:
                var sent = await member.CallAsync(CallOf(operation), _options.TransferPatience, cancellation);
                End(operation, sent);
                break;
            case OperationKind.Balance:
                var balance = new Call(HttpMethod.Get, $"/v1/accounts/{member.Account}/balance");
                End(operation, await member.CallAsync(balance, _options.OtherPatience, cancellation));
                break;
            case OperationKind.LogIn:
                await member.LogInOnceMoreAsync(_options.OtherPatience, end => End(operation, end), cancellation);
                break;
        }
    }

    private void End(Operation operation, CallEnd end)
    {
        Interlocked.Decrement(ref _inFlight);
        var ended = operation with
        {
            Ended = _clock.GetElapsedTime(_start, end.Ended),
            Outcome = end.Outcome,
            Attempts = end.Attempts,
            Errors = end.Errors,
        };
        _record.Add(end.Outcome == OperationOutcome.Acknowledged ? WithAnswer(ended, end.Last!) : ended);
    }

    private Operation WithAnswer(Operation operation, Attempt answer)
    {
        var account = _members[operation.Member].Account;
        var (id, seen) = operation.Kind switch
        {
            OperationKind.Transfer => Answers.Transfer(answer.Body, account),
            OperationKind.Balance => ((Guid?)null, Answers.Balance(answer.Body, account)),
            OperationKind.LogIn => (null, null),
        };
        var (timeline, lsn) = ConsistencyToken.TryParse(answer.Consistency, out var token) ? (token.Timeline, token.Lsn) : (0, 0);
        return operation with { TransferId = id, Seen = seen, Timeline = timeline, Lsn = lsn };
    }

    private async Task<Operation> ResolveAsync(Operation operation, CancellationToken cancellationToken)
    {
        var end = await _members[operation.Member].CallAsync(CallOf(operation), _options.ResolvePatience, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var at = _clock.GetElapsedTime(_start, end.Ended);
        return end.Outcome switch
        {
            OperationOutcome.Acknowledged => operation with
            {
                Resolution = new Resolution(end.Outcome, at, Answers.Transfer(end.Last!.Body, operation.From).Id, null),
            },
            // Only what the ledger keeps under the key speaks of the earlier attempts too.
            OperationOutcome.Refused when end.Last!.Verdict == Verdict.Refused => operation with
            {
                Resolution = new Resolution(end.Outcome, at, null, end.Last.Error),
            },
            _ => operation,
        };
    }

    private Operation OperationOf(PlannedOperation planned, TimeSpan started)
    {
        var operation = new Operation
        {
            Number = planned.Number,
            Kind = planned.Kind,
            Member = planned.Member,
            Intended = planned.Due,
            Started = started,
            Ended = started,
            Outcome = OperationOutcome.Unknown,
        };
        return planned.Kind == OperationKind.Transfer
            ? operation with
            {
                From = _members[planned.Member].Account,
                To = _members[planned.To].Account,
                Amount = planned.Amount,
            }
            : operation;
    }

    /// <summary>The same bytes each time it is made.</summary>
    private Call CallOf(Operation transfer) =>
        new(
            HttpMethod.Post,
            "/v1/transfers",
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    fromAccountId = transfer.From,
                    to = new { accountId = transfer.To },
                    amount = transfer.Amount,
                    currency = "KRW",
                }
            ),
            KeyOf(_options.Run, transfer.Number)
        );
}
