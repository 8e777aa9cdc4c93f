namespace QuickPay.Edge.Limits;

/// <summary>What a limit says to one request.</summary>
/// <param name="IsAllowed">Whether it may go on.</param>
/// <param name="Remaining">How many more may follow it in this window, as far as this edge knows; 0 when it may not go on.</param>
/// <param name="Reset">How long until there are more.</param>
internal readonly record struct LimitVerdict(bool IsAllowed, int Remaining, TimeSpan Reset);
