namespace QuickPay.Sessions;

/// <summary>Who is calling: a member, through one of their sessions (one device).</summary>
public sealed record Caller(Guid MemberId, Guid SessionId);
