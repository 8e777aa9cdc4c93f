namespace QuickPay.Edge.Limits;

/// <summary>How a 429 of the edge is counted and what it says, whichever limit it is.</summary>
internal static class RateLimited
{
    private const string Limit = "limit";

    /// <param name="limit">Its name, as in docs/concepts/rate-limits.md.</param>
    public static KeyValuePair<string, object?> Tag(string limit) => new(Limit, limit);

    /// <param name="seconds">Until it is worth another try.</param>
    public static Problem Problem(string limit, int seconds)
    {
        var problem = new Problem(ProblemCode.RateLimited) { RetryAfterSeconds = seconds };
        problem.Extensions[Limit] = limit;
        return problem;
    }
}
