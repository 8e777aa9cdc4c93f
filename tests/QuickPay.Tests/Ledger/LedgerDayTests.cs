using QuickPay.Ledger;

namespace QuickPay.Tests.Ledger;

public sealed class LedgerDayTests
{
    [Theory]
    [InlineData("2026-11-22T14:59:59.9999999", "2026-11-22")]
    [InlineData("2026-11-22T15:00:00", "2026-11-23")]
    [InlineData("2026-12-31T15:00:00", "2027-01-01")]
    [InlineData("2028-02-28T15:00:00", "2028-02-29")]
    public void A_day_begins_at_midnight_in_Seoul(string utc, string day) =>
        Assert.Equal(
            DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture),
            LedgerDay.Of(DateTime.Parse(utc, System.Globalization.CultureInfo.InvariantCulture))
        );
}
