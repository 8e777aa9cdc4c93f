using System.Threading.Channels;

namespace QuickPay.Bench.Load;

/// <summary>
/// One thread that drives many connections:
/// <code>
///   schedule ──intended time──> backlog ──free connection──> send ──> answer ──> histogram, proof
///                                  └─ full: dropped, counted
/// </code>
/// (1) take what is due into the backlog, (2) send while connections are free, (3) sleep in epoll until an answer or the next due
/// time, (4) read answers, (5) once a second hand over the interval's counts. A closed loop has no schedule: a free connection sends.
/// </summary>
internal sealed class LoadLoop : IDisposable
{
    private const int DrainSecondsMax = 15;

    private readonly LoadPlan _plan;
    private readonly TimeProvider _clock;
    private readonly HistogramPool _histograms;
    private readonly ChannelWriter<LoadInterval> _intervals;
    private readonly LoadConnection[] _connections;
    private readonly Stack<LoadConnection> _free;
    private readonly Backlog _backlog;
    private readonly MixDraw _draw;
    private readonly long _ticksPerMicrosecond;
    private readonly long _ticksPerSecond;
    private readonly ulong _sequenceBase;
    private readonly int _epoll;

    private SendSchedule? _schedule;
    private LoadInterval _interval;
    private ulong _sequence;
    private long _measureFrom;
    private long _measureUntil;
    private long _nextCut;
    private int _busy;

    public LoadLoop(int index, LoadPlan plan, TimeProvider clock, HistogramPool histograms, ChannelWriter<LoadInterval> intervals)
    {
        _plan = plan;
        _clock = clock;
        _histograms = histograms;
        _intervals = intervals;
        _ticksPerSecond = clock.TimestampFrequency;
        _ticksPerMicrosecond = Math.Max(1, _ticksPerSecond / 1_000_000);
        _sequenceBase = (ulong)index << 56;
        var seed = plan.Seed + 0x1000 * ((ulong)index + 1);
        _draw = new MixDraw(plan.Mix, plan.Accounts, plan.Skew, seed);
        _backlog = new Backlog(plan.BacklogMax / plan.LoopCount);
        Answers = new AnswerRecord(plan.Memory, new Acknowledged(plan.SampleSize / plan.LoopCount, seed));
        _interval = new LoadInterval(0, histograms.Take());
        _epoll = Epoll.Create();
        _connections = [.. Enumerable.Range(0, Math.Max(1, plan.Connections / plan.LoopCount)).Select(i => new LoadConnection(i))];
        _free = new Stack<LoadConnection>(_connections.Length);
    }

    /// <summary>What it was answered. Whole after the run.</summary>
    public AnswerRecord Answers { get; }

    /// <summary>Opens all connections; false when the server takes none.</summary>
    public bool TryConnect() => _connections.All(TryOpen);

    /// <summary>Runs warm-up, measurement and drain; returns when every request is answered or given up.</summary>
    public void Run(long startTicks, CancellationToken cancellationToken)
    {
        _measureFrom = startTicks + _plan.WarmupSeconds * _ticksPerSecond;
        _measureUntil = _measureFrom + _plan.MeasuredSeconds * _ticksPerSecond;
        _nextCut = startTicks + _ticksPerSecond;
        if (_plan.Rate is { } rate)
        {
            _schedule = new SendSchedule(rate / _plan.LoopCount, startTicks, _ticksPerSecond, _plan.Arrivals, _plan.Seed ^ _sequenceBase);
        }

        var drainUntil = _measureUntil + DrainSecondsMax * _ticksPerSecond;
        Span<byte> events = new byte[1_024 * Epoll.EventSize];
        while (true)
        {
            var now = _clock.GetTimestamp();
            Cut(now);
            var sending = now < _measureUntil && !cancellationToken.IsCancellationRequested;
            if (sending)
            {
                Dispatch(now); // (1) (2)
            }
            else if ((_busy == 0 && _backlog.Count == 0) || now >= drainUntil || cancellationToken.IsCancellationRequested)
            {
                break;
            }
            else
            {
                SendWaiting(now);
            }

            var count = Epoll.Wait(_epoll, events, NanosecondsUntilDue(sending)); // (3)
            for (var i = 0; i < count; i++)
            {
                var ready = Epoll.At(events, i);
                OnReady(_connections[ready.Data], ready.Events); // (4)
            }
        }

        GiveUpRest();
        _interval.Dropped += _backlog.Count;
        Publish();
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        Epoll.Close(_epoll);
    }

    private void Dispatch(long now)
    {
        if (_schedule is null)
        {
            while (TryPopFree() is { } connection)
            {
                Send(connection, now, now);
            }

            return;
        }

        while (_schedule.NextTicks <= now && _schedule.NextTicks < _measureUntil)
        {
            if (!_backlog.TryAdd(_schedule.Take()))
            {
                _interval.Dropped++;
            }
        }

        SendWaiting(now);
    }

    private void SendWaiting(long now)
    {
        while (_backlog.Count > 0 && TryPopFree() is { } connection && _backlog.TryTake(out var intended))
        {
            Send(connection, intended, now);
        }
    }

    private LoadConnection? TryPopFree()
    {
        while (_free.TryPop(out var connection))
        {
            connection.IsFree = false;
            if (connection.IsOpen)
            {
                return connection;
            }
        }

        return null;
    }

    private void PushFree(LoadConnection connection)
    {
        if (!connection.IsFree)
        {
            connection.IsFree = true;
            _free.Push(connection);
        }
    }

    private void Send(LoadConnection connection, long intended, long now)
    {
        var request = _draw.Next(_sequenceBase | _sequence++);
        connection.Request = _plan.Memory?.Possible(request) ?? request;
        connection.IntendedTicks = intended;
        connection.SentTicks = now;
        connection.Prepare(_plan.Writer, _plan.Memory);
        connection.IsBusy = true;
        _busy++;
        _interval.Sent++;
        Flush(connection);
    }

    private void Flush(LoadConnection connection)
    {
        var sent = Epoll.Send(
            connection.Descriptor,
            connection.SendBuffer.AsSpan(connection.SendOffset, connection.SendLength - connection.SendOffset)
        );
        if (sent == -2)
        {
            Lose(connection);
            return;
        }

        var wasPartial = connection.SendOffset > 0;
        connection.SendOffset += Math.Max(sent, 0);
        if (connection.SendOffset < connection.SendLength)
        {
            Epoll.Change(_epoll, connection.Descriptor, connection.Index, Epoll.In | Epoll.Out);
        }
        else if (wasPartial)
        {
            Epoll.Change(_epoll, connection.Descriptor, connection.Index, Epoll.In);
        }
    }

    private void OnReady(LoadConnection connection, uint events)
    {
        if (!connection.IsOpen)
        {
            return; // lost earlier in this same round of events
        }

        if ((events & Epoll.Out) != 0 && connection.IsBusy)
        {
            Flush(connection);
        }

        if ((events & (Epoll.In | Epoll.Error | Epoll.HangUp)) == 0 || !connection.IsOpen)
        {
            return;
        }

        if (connection.Receive() is 0 or -2)
        {
            Lose(connection);
            return;
        }

        var bytes = connection.ReceiveBuffer.AsSpan(0, connection.Received);
        switch (ResponseParser.TryParse(bytes, out var response))
        {
            case ParseOutcome.Complete when connection.IsBusy && response.Length == connection.Received:
                OnAnswer(connection, response);
                break;
            case ParseOutcome.Incomplete when connection.Received < connection.ReceiveBuffer.Length:
                break;
            default:
                Answers.NotUnderstood(bytes);
                Lose(connection);
                break;
        }
    }

    private void OnAnswer(LoadConnection connection, in ParsedResponse response)
    {
        var now = _clock.GetTimestamp();
        Cut(now);
        if (Answers.Take(connection, response, _interval))
        {
            Time(connection, now);
        }

        connection.IsBusy = false;
        connection.Received = 0;
        _busy--;
        if (response.Closes)
        {
            Lose(connection);
        }
        else
        {
            PushFree(connection);
        }
    }

    private void Time(LoadConnection connection, long now)
    {
        var (intended, microseconds) = (connection.IntendedTicks, (now - connection.IntendedTicks) / _ticksPerMicrosecond);
        microseconds = Math.Clamp(microseconds, 1, HistogramPool.LatencyMaxMicroseconds);
        if (intended < _measureUntil && (intended >= _measureFrom || now < _measureFrom))
        {
            _interval.Latency.RecordValue(microseconds);
        }

        if (intended >= _measureFrom && intended < _measureUntil)
        {
            Answers.Time(connection.Request.Kind, microseconds);
        }
    }

    /// <summary>The connection is of no use any more; what was under way on it has an unknown outcome.</summary>
    private void Lose(LoadConnection connection)
    {
        GiveUp(connection);
        Epoll.Forget(_epoll, connection.Descriptor);
        connection.Close();
        TryOpen(connection);
    }

    private void GiveUp(LoadConnection connection)
    {
        if (connection.IsBusy)
        {
            connection.IsBusy = false;
            Answers.GiveUp(connection.Request, _interval);
            _busy--;
        }
    }

    private void GiveUpRest()
    {
        foreach (var connection in _connections)
        {
            GiveUp(connection);
        }
    }

    private bool TryOpen(LoadConnection connection)
    {
        if (!connection.TryOpen(_plan.Way))
        {
            return false; // tried again at the next cut
        }

        Epoll.Watch(_epoll, connection.Descriptor, connection.Index, Epoll.In);
        PushFree(connection);
        return true;
    }

    /// <summary>(5) At each full second: hand the interval over, give up requests past their timeout, reopen what is closed.</summary>
    private void Cut(long now)
    {
        while (now >= _nextCut)
        {
            Publish();
            _nextCut += _ticksPerSecond;
            var oldest = now - (long)(_plan.AnswerTimeout.TotalSeconds * _ticksPerSecond);
            foreach (var connection in _connections)
            {
                if (connection.IsBusy && connection.SentTicks < oldest)
                {
                    Lose(connection);
                }
                else if (!connection.IsOpen)
                {
                    TryOpen(connection);
                }
            }
        }
    }

    private void Publish()
    {
        _interval.Backlog = _backlog.Count;
        _intervals.TryWrite(_interval);
        _interval = new LoadInterval(_interval.Second + 1, _histograms.Take());
    }

    private long NanosecondsUntilDue(bool sending)
    {
        var due = _nextCut;
        if (sending && _schedule is not null && _free.Count > 0)
        {
            due = Math.Min(due, _schedule.NextTicks);
        }

        var ticks = Math.Max(0, due - _clock.GetTimestamp());
        return (long)(ticks * (1e9 / _ticksPerSecond));
    }
}
