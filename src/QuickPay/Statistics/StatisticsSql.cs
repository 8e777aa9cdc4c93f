namespace QuickPay.Statistics;

/// <summary>Parts that the statements of statistics have in common. Kinds are numbers here, as in the migrations.</summary>
internal static class StatisticsSql
{
    /// <summary>Kinds that move money: a hold, its cancel and its expiry move none, its capture does.</summary>
    public const string MovesMoney = "kind IN (1, 2, 3, 4, 6)";

    /// <summary>Kinds between two members.</summary>
    public const string BetweenMembers = "kind IN (1, 6)";

    public const string Zone = "'Asia/Seoul'";

    /// <summary>A sum that stops at the largest number, so that absurd amounts stop nothing.</summary>
    public static string Sum(string expression) => $"least({expression}, 9223372036854775807)::bigint";

    /// <summary>
    /// Transfers of a time range. The id says when a batch began, <c>created_at</c> when it had its locks: seconds apart. An hour on each side
    /// is far more, and still leaves all other months out.
    /// </summary>
    /// <param name="from">Inclusive; a timestamptz.</param>
    /// <param name="to">Exclusive.</param>
    public static string CreatedIn(string from, string to) =>
        $"created_at >= {from} AND created_at < {to} AND id >= uuid_v7_floor({from} - interval '1 hour') AND id < uuid_v7_floor({to} + interval '1 hour')";
}
