namespace QuickPay.Edge.Limits;

/// <summary>Where leases come from when several edges share them.</summary>
internal interface ILeases
{
    /// <summary>False when there is nothing to ask: then each edge counts for itself.</summary>
    bool AreShared(long now);

    /// <summary>
    /// Asks for what the subject needs, soon: nobody waits for it, so questions may gather. Answers by <see cref="Subject.Answer"/> or
    /// <see cref="Subject.GiveUp"/>.
    /// </summary>
    void Ask(Subject subject);

    /// <summary>Somebody waits: what has gathered is asked now.</summary>
    void Hurry();
}

/// <summary>No Redis: an edge on its own.</summary>
internal sealed class OwnLeases : ILeases
{
    public bool AreShared(long now) => false;

    public void Ask(Subject subject) => subject.GiveUp();

    public void Hurry() { }
}
