using QuickPay.Redis;

namespace QuickPay.Sessions;

/// <summary>One waiting check.</summary>
internal sealed class SessionCheck : PooledAnswer<SessionCheck, SessionState>
{
    public SeenSession Session { get; private set; } = null!;

    public Guid MemberId { get; private set; }

    public static SessionCheck Take(SeenSession session, Guid member)
    {
        var check = TakeOne();
        check.Session = session;
        check.MemberId = member;
        return check;
    }

    protected override void Forget() => Session = null!;
}
