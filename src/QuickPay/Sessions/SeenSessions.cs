using Microsoft.Extensions.Options;
using QuickPay.Memory;

namespace QuickPay.Sessions;

/// <summary>The sessions this server saw lately; bounded, and shared by the check, the store and the PIN.</summary>
internal sealed class SeenSessions(IOptions<SessionOptions> options)
{
    private readonly GenerationalCache<Guid, SeenSession> _sessions = new(options.Value.RememberedMax);

    public SeenSession Of(Guid session) =>
        _sessions.TryGet(session, out var seen) ? seen : _sessions.GetOrAdd(session, new SeenSession(session));

    /// <summary>It has ended: no grace for it.</summary>
    public void Forget(Guid session)
    {
        if (_sessions.TryGet(session, out var seen))
        {
            seen.Forget();
        }
    }
}
