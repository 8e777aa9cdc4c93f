using QuickPay.Cli.Drills.History;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>How a traffic goes at one moment.</summary>
/// <param name="At">Since its beginning.</param>
/// <param name="InFlight">Sent, or between two attempts, and without an outcome yet.</param>
/// <param name="TransfersLastSecond">Acknowledged in the second before <paramref name="At"/>.</param>
/// <param name="LastTransfer">When the last transfer was acknowledged; null before the first one.</param>
/// <param name="Unknown">Sent and given up, without those of <paramref name="NotSent"/>.</param>
/// <param name="NotSent">Due while too many were under way: the drill's own limit was too low for what it met.</param>
public sealed record TrafficPulse(
    TimeSpan At,
    int InFlight,
    int TransfersLastSecond,
    TimeSpan? LastTransfer,
    long Acknowledged,
    long Refused,
    long Unknown,
    long NotSent
)
{
    /// <summary>Acknowledged log-ins.</summary>
    public long LogIns { get; init; }
}

/// <summary>What has an outcome, as it comes in.</summary>
internal sealed class TrafficRecord
{
    public const string NotSent = "not_sent";
    private static readonly TimeSpan RecentMax = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private readonly List<Operation> _operations = [];
    private readonly Queue<TimeSpan> _recent = [];
    private TimeSpan? _lastTransfer;
    private long _acknowledged;
    private long _logIns;
    private long _refused;
    private long _unknown;
    private long _notSent;

    public void Add(Operation operation)
    {
        lock (_gate)
        {
            _operations.Add(operation);
            switch (operation.Outcome)
            {
                case OperationOutcome.Acknowledged:
                    _acknowledged++;
                    if (operation.Kind == OperationKind.Transfer)
                        Count(operation.Ended);
                    if (operation.Kind == OperationKind.LogIn)
                        _logIns++;
                    break;
                case OperationOutcome.Refused:
                    _refused++;
                    break;
                case OperationOutcome.Unknown when operation.Attempts == 0:
                    _notSent++;
                    break;
                case OperationOutcome.Unknown:
                    _unknown++;
                    break;
            }
        }
    }

    public TrafficPulse PulseAt(TimeSpan now, int inFlight)
    {
        lock (_gate)
        {
            var lastSecond = Within(now, TimeSpan.FromSeconds(1));
            return new TrafficPulse(now, inFlight, lastSecond, _lastTransfer, _acknowledged, _refused, _unknown, _notSent)
            {
                LogIns = _logIns,
            };
        }
    }

    public int TransfersWithin(TimeSpan now, TimeSpan last)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, RecentMax);
        lock (_gate)
            return Within(now, last);
    }

    /// <summary>All of them so far, by number.</summary>
    public Operation[] Operations()
    {
        lock (_gate)
            return [.. _operations.OrderBy(operation => operation.Number)];
    }

    private int Within(TimeSpan now, TimeSpan last) => _recent.Count(at => at > now - last);

    private void Count(TimeSpan at)
    {
        _recent.Enqueue(at);
        _lastTransfer = _lastTransfer is { } latest && latest > at ? latest : at;
        while (_recent.TryPeek(out var oldest) && oldest < _lastTransfer - RecentMax)
            _recent.Dequeue();
    }
}
