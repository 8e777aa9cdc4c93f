using QuickPay.Edge.Limits;

namespace QuickPay.Tests.Edge.Limits;

/// <summary>What Redis does, in 30 lines, for edges whose questions a test answers when it likes.</summary>
internal sealed class SharedLog(TimeProvider time)
{
    private readonly Dictionary<string, List<long>> _logs = [];

    public int Questions { get; private set; }

    public Connection Connect() => new(this);

    private void Answer(Subject subject, long askedAt)
    {
        Questions++;
        var now = time.GetTimestamp();
        var window = (long)(subject.Limit.Window.TotalSeconds * time.TimestampFrequency);
        if (!_logs.TryGetValue(subject.Key!, out var log))
        {
            _logs[subject.Key!] = log = [];
        }
        log.RemoveAll(taken => now - taken >= window);
        var granted = Math.Min(subject.LeasesWanted(), subject.Limit.LeasesMax - log.Count);
        log.AddRange(Enumerable.Repeat(now, granted));
        subject.Answer(granted, log.Count, log[0] + window - now, askedAt);
    }

    /// <summary>One edge's way to the log.</summary>
    internal sealed class Connection(SharedLog log) : ILeases
    {
        private readonly Queue<(Subject Subject, long AskedAt)> _asked = [];

        public bool IsThere { get; set; } = true;

        public bool AreShared(long now) => IsThere;

        public void Ask(Subject subject) => _asked.Enqueue((subject, log.Time));

        public int Hurried { get; private set; }

        public void Hurry() => Hurried++;

        /// <summary>Answers everything that was asked, and what is asked because of it.</summary>
        public void AnswerAll()
        {
            while (_asked.TryDequeue(out var asked))
            {
                log.Answer(asked.Subject, asked.AskedAt);
            }
        }

        public void FailAll()
        {
            IsThere = false;
            while (_asked.TryDequeue(out var asked))
            {
                asked.Subject.GiveUp();
            }
        }
    }

    private long Time => time.GetTimestamp();
}
