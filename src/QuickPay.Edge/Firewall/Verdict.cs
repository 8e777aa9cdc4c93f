namespace QuickPay.Edge.Firewall;

/// <summary>What an inspection found.</summary>
public sealed class Verdict
{
    /// <summary>No rule had anything to say.</summary>
    public static readonly Verdict Clean = new() { Matches = [] };

    /// <summary>The body cannot be read as JSON.</summary>
    public static readonly Verdict Malformed = new() { Matches = [], Status = StatusCodes.Status400BadRequest };

    /// <summary>The rules that matched, in the order in which they did, without those that only add up.</summary>
    public required IReadOnlyList<RuleMatch> Matches { get; init; }

    /// <summary>The sum of what the matches count (critical 5, error 4, warning 3, notice 2); 5 is an attack.</summary>
    public int Score { get; init; }

    /// <summary>0: it passes. 403: it looks like an attack. 400: it is not JSON or too long, and so not inspected.</summary>
    public int Status { get; init; }

    public bool IsBlocked => Status != 0;

    /// <summary>Nobody's attack, and nothing that the API would take either.</summary>
    public bool IsMalformed => Status == StatusCodes.Status400BadRequest;

    /// <summary>Passes, and nothing about it was even remarkable: requests like it may be let through without an inspection.</summary>
    public bool IsClean => ReferenceEquals(this, Clean);
}

/// <summary>One rule that matched. Nothing in it gives away more than two characters of what a member wrote.</summary>
/// <param name="RuleId">The rule set's number; 0 for one that is not known, so that it can label a metric.</param>
/// <param name="Attack">The class of attack, from the rule's number: sqli, xss, lfi …</param>
/// <param name="Severity">2 critical, 3 error, 4 warning, 5 notice.</param>
/// <param name="Variable">Where: such as <c>ARGS:json.memo</c> or <c>REQUEST_HEADERS:User-Agent</c>; <c>ARGS:*</c> for a name that nobody has declared.</param>
/// <param name="Matched">The first two characters of what matched and how long it is; empty for secrets and phone numbers.</param>
public sealed record RuleMatch(int RuleId, string Attack, int Severity, string Variable, string Matched)
{
    public override string ToString() => $"{RuleId} {Attack} in {Variable} {Matched}";
}
