using System.Collections.Concurrent;

namespace QuickPay.Edge.Limits;

/// <summary>
/// The subjects of one limit that this edge saw lately, in two generations: who is seen is taken along into the young one, and when that
/// is full or old the other one is forgotten. Never more than <paramref name="capacity"/>, whatever comes in.
/// </summary>
/// <param name="capacity">Subjects.</param>
/// <param name="idle">Somebody unseen for this long may be forgotten; longer than the limit's window.</param>
internal sealed class SubjectTable(int capacity, TimeSpan idle, TimeProvider time, Func<UInt128, Subject> create)
{
    private readonly Lock _turning = new();
    private volatile Generation _young = new(time.GetTimestamp());
    private volatile Generation _old = new(0);

    public Subject Of(UInt128 id)
    {
        var young = _young;
        if (young.Subjects.TryGetValue(id, out var subject))
        {
            return subject;
        }
        if (!_old.Subjects.TryGetValue(id, out var known))
        {
            known = create(id);
        }
        subject = young.Subjects.GetOrAdd(id, known);
        // Counting the dictionary itself would lock all of it.
        if (
            ReferenceEquals(subject, known)
            && (Interlocked.Increment(ref young.Count) >= capacity / 2 || time.GetElapsedTime(young.BornAt) >= idle)
        )
        {
            Turn(young);
        }
        return subject;
    }

    /// <summary>For tests: what is held. Locks everything.</summary>
    internal int Count => _young.Subjects.Count + _old.Subjects.Count;

    private void Turn(Generation full)
    {
        lock (_turning)
        {
            if (ReferenceEquals(_young, full))
            {
                _old = full;
                _young = new Generation(time.GetTimestamp());
            }
        }
    }

    private sealed class Generation(long bornAt)
    {
        public readonly ConcurrentDictionary<UInt128, Subject> Subjects = new();

        public long BornAt { get; } = bornAt;

        public int Count;
    }
}
