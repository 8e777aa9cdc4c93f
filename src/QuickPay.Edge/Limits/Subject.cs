using StackExchange.Redis;

namespace QuickPay.Edge.Limits;

/// <summary>
/// One address, phone number or member under one limit, as this edge sees it.
/// <code>
///   requests ──▶ what is left of the lease ──▶ on credit (cold) ──▶ wait (busy, or no credit) ──▶ refused until the oldest lease leaves
///                        ▲                          │                  │
///                        └──── answer ◀── shared log of leases ◀───────┘        one question at a time, for all that wait
/// </code>
/// A lease counts against the limit when it is taken, so what an edge has unspent can only be missing, never be too much. The one
/// exception is credit, which is paid back from the next lease. A fiftieth of a limit is given out before anybody is asked: members who
/// do what people do cost no question at all. Up to a tenth is given out while the question is on its way: members who do more wait for
/// nothing. Who was seen using half of a limit gets none for a minute, so that the tenth can be had once a minute and not in each window.
/// </summary>
internal sealed class Subject(Limit limit, RedisKey key, long window, TimeProvider time)
{
    private static readonly TimeSpan BusyFor = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();

    /// <summary>This edge's own leases: all there is without Redis, and a reason not to ask it while they fill the window.</summary>
    private LeaseLog _own = new(limit.LeasesMax, window);

    /// <summary>Requests to hand out; below zero: handed out on credit.</summary>
    private int _left;
    private long _leftUntil;

    /// <summary>What the last answer said, while it is true: how full the shared log is, and until when it is full.</summary>
    private int _sharedUsed;
    private long _sharedUsedUntil;
    private long _fullUntil;
    private long _busyUntil;

    private bool _asking;
    private int _waiting;
    private TaskCompletionSource? _answered;

    public Limit Limit => limit;

    public RedisKey Key => key;

    /// <summary>Takes one request. Null: <paramref name="verdict"/> stands. Otherwise wait for the task and come <paramref name="again"/>.</summary>
    public Task? Take(ILeases leases, bool again, out LimitVerdict verdict)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (again)
            {
                _waiting--;
            }
            // Unspent requests end with their window, and so do debts.
            if (_left != 0 && now >= _leftUntil)
            {
                _left = 0;
            }
            var room = _own.Room(now);

            // 1. What is left. The next lease is asked for early where a window has many.
            if (_left > 0)
            {
                if (--_left < limit.ReserveMin && room > 0 && now >= _fullUntil && leases.AreShared(now))
                {
                    Ask(leases);
                }
                verdict = Allowed(now, room);
                return null;
            }
            // 2. Refused without asking: an abuser costs no more than this.
            if (now < _fullUntil)
            {
                verdict = Refused(_fullUntil - now);
                return null;
            }
            if (room == 0)
            {
                verdict = Refused(_own.OldestLeavesAt - now);
                return null;
            }
            // 3. Nobody to ask.
            if (!leases.AreShared(now))
            {
                return TakeOwn(now, room, out verdict);
            }
            // 4. On credit, unless the shared log was seen half full: then every request counts.
            if (_left > -limit.CreditMax && now >= _busyUntil)
            {
                _left--;
                _leftUntil = now + window;
                if (-_left > limit.UnaskedMax)
                {
                    Ask(leases);
                }
                verdict = Allowed(now, room);
                return null;
            }
            // 5. Wait, with all others that need the same answer. More than a whole limit cannot be granted.
            if (_waiting >= limit.Requests)
            {
                verdict = Refused(window);
                return null;
            }
            _waiting++;
            Ask(leases);
            leases.Hurry();
            verdict = default;
            return (_answered ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Leases that those who wait and the debt need; at least one.</summary>
    public int LeasesWanted()
    {
        lock (_gate)
        {
            var requests = Math.Max(1, _waiting - _left);
            return Math.Min((requests + limit.LeaseRequests - 1) / limit.LeaseRequests, limit.LeasesMax);
        }
    }

    /// <param name="granted">Leases that are ours now.</param>
    /// <param name="used">Leases in the shared log, with ours.</param>
    /// <param name="oldestLeavesIn">Until there is room for another one in a full log.</param>
    /// <param name="askedAt">Not later than the shared log's time of the lease, so that ours leaves the window no later than there.</param>
    public void Answer(int granted, int used, long oldestLeavesIn, long askedAt)
    {
        var now = time.GetTimestamp();
        TaskCompletionSource? answered;
        lock (_gate)
        {
            for (var i = 0; i < granted && _own.Room(now) > 0; i++)
            {
                _own.Add(askedAt);
            }
            if (granted > 0)
            {
                _left += granted * limit.LeaseRequests;
                _leftUntil = askedAt + window;
            }
            (_sharedUsed, _sharedUsedUntil) = (used, now + window);
            if (used * 2 >= limit.LeasesMax)
            {
                _busyUntil = now + (long)(BusyFor.TotalSeconds * time.TimestampFrequency);
            }
            if (used >= limit.LeasesMax)
            {
                _fullUntil = now + oldestLeavesIn;
            }
            answered = Answered();
        }
        answered?.SetResult();
    }

    /// <summary>No answer will come.</summary>
    public void GiveUp()
    {
        TaskCompletionSource? answered;
        lock (_gate)
        {
            answered = Answered();
        }
        answered?.SetResult();
    }

    private Task? TakeOwn(long now, int room, out LimitVerdict verdict)
    {
        // A debt may be as large as a lease: then it takes two.
        while (_left <= 0 && room-- > 0)
        {
            _own.Add(now);
            _left += limit.LeaseRequests;
            _leftUntil = now + window;
        }
        if (_left <= 0)
        {
            verdict = Refused(_own.OldestLeavesAt - now);
            return null;
        }
        _left--;
        verdict = Allowed(now, room);
        return null;
    }

    private void Ask(ILeases leases)
    {
        if (!_asking)
        {
            _asking = true;
            leases.Ask(this);
        }
    }

    private TaskCompletionSource? Answered()
    {
        _asking = false;
        var answered = _answered;
        _answered = null;
        return answered;
    }

    private LimitVerdict Allowed(long now, int room)
    {
        var leases = now < _sharedUsedUntil ? Math.Min(room, limit.LeasesMax - _sharedUsed) : room;
        var remaining = Math.Clamp((leases * limit.LeaseRequests) + _left, 0, limit.Requests - 1);
        return new LimitVerdict(true, remaining, room < limit.LeasesMax ? Span(_own.OldestLeavesAt - now) : limit.Window);
    }

    private LimitVerdict Refused(long wait) => new(false, 0, Span(wait));

    private TimeSpan Span(long ticks) => time.GetElapsedTime(0, ticks);
}
