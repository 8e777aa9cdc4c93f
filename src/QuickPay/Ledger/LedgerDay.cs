namespace QuickPay.Ledger;

/// <summary>The day that daily limits count: Asia/Seoul, which has had no daylight saving since 1988 (UTC+9).</summary>
public static class LedgerDay
{
    private static readonly TimeSpan Offset = TimeSpan.FromHours(9);

    public static DateOnly Of(DateTime utc) => DateOnly.FromDateTime(utc + Offset);

    /// <summary>When that day begins.</summary>
    public static DateTime StartOf(DateOnly day) => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - Offset;
}
