namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>
/// How many new texts the fast path learns from one member in a minute: an account that always writes others would drive out those that
/// members use. What is not learned is inspected again, no more.
/// </summary>
internal sealed class LearningBudget(TimeProvider time)
{
    public const int TextsPerMinute = 30;

    /// <summary>From more members than this nothing is learned in one minute: each has cost an inspection.</summary>
    public const int MembersMax = 16_384;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, int> _learned = [];
    private long _began = time.GetTimestamp();

    public bool TryTake(Guid member)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_began) >= Minute)
            {
                _learned.Clear();
                _began = time.GetTimestamp();
            }
            var learned = _learned.GetValueOrDefault(member);
            if (learned >= TextsPerMinute || (learned == 0 && _learned.Count >= MembersMax))
            {
                return false;
            }
            _learned[member] = learned + 1;
            return true;
        }
    }
}
