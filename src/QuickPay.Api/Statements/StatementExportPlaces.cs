using Microsoft.Extensions.Options;

namespace QuickPay.Api.Statements;

/// <summary>Who downloads a statement from this server now: one member one at a time, and only so many together.</summary>
internal sealed class StatementExportPlaces(IOptions<StatementOptions> options)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _members = [];

    /// <summary>A place until it is disposed; null, and the problem to answer, if there is none.</summary>
    public (IDisposable? Place, ProblemCode Refusal) Take(Guid member)
    {
        lock (_lock)
        {
            if (_members.Contains(member))
            {
                return (null, ProblemCode.StatementInProgress);
            }
            if (_members.Count >= options.Value.ExportsMax)
            {
                return (null, ProblemCode.Overloaded);
            }
            _members.Add(member);
            return (new Place(this, member), default);
        }
    }

    private void GiveBack(Guid member)
    {
        lock (_lock)
        {
            _members.Remove(member);
        }
    }

    private sealed class Place(StatementExportPlaces places, Guid member) : IDisposable
    {
        private int _isGivenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
            {
                places.GiveBack(member);
            }
        }
    }
}
