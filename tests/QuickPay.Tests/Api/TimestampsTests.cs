using System.Globalization;
using CsCheck;
using QuickPay.Api;

namespace QuickPay.Tests.Api;

/// <summary>RFC 3339, section 5.6, with what this service does not take: a year far away and less than a microsecond.</summary>
public sealed class TimestampsTests
{
    [Theory]
    [InlineData("2026-11-22T09:00:00Z", "2026-11-22T09:00:00.0000000")]
    [InlineData("2026-11-22T09:00:00+09:00", "2026-11-22T00:00:00.0000000")]
    [InlineData("2026-11-22T00:30:00-05:30", "2026-11-22T06:00:00.0000000")]
    [InlineData("2026-11-22T09:00:00.5Z", "2026-11-22T09:00:00.5000000")]
    [InlineData("2026-11-22T09:00:00.123456Z", "2026-11-22T09:00:00.1234560")]
    [InlineData("2028-02-29T00:00:00-00:00", "2028-02-29T00:00:00.0000000")]
    public void A_time_says_its_offset(string text, string utc)
    {
        Assert.True(Timestamps.TryParse(text, out var parsed));
        Assert.Equal(utc, parsed.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture));
        Assert.Equal(DateTimeKind.Utc, parsed.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("2026-11-22")]
    [InlineData("2026-11-22T09:00:00")] // no offset
    [InlineData("2026-11-22 09:00:00Z")]
    [InlineData("2026-11-22T09:00Z")]
    [InlineData("2026-11-22T24:00:00Z")]
    [InlineData("2026-11-22T09:00:60Z")]
    [InlineData("2026-02-29T09:00:00Z")]
    [InlineData("2026-13-01T09:00:00Z")]
    [InlineData("2026-11-22T09:00:00.1234567Z")]
    [InlineData("2026-11-22T09:00:00+15:00")]
    [InlineData("2026-11-22T09:00:00+0900")]
    [InlineData(" 2026-11-22T09:00:00Z")]
    [InlineData("2026-11-22T09:00:00Z\n")]
    [InlineData("1999-12-31T23:59:59Z")]
    [InlineData("2201-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("9999-12-31T23:59:59-14:00")]
    public void What_is_no_such_time_is_refused(string text) => Assert.False(Timestamps.TryParse(text, out _));

    [Fact]
    public void Every_microsecond_in_every_offset_is_read_as_it_was_written() =>
        Gen.Select(Gen.Long[0, 6_000_000_000_000_000], Gen.Int[-14 * 60, 14 * 60])
            .Sample(
                (microseconds, offsetMinutes) =>
                {
                    var utc = new DateTime(2000, 1, 2, 0, 0, 0, DateTimeKind.Utc).AddMicroseconds(microseconds);
                    var text = new DateTimeOffset(utc)
                        .ToOffset(TimeSpan.FromMinutes(offsetMinutes))
                        .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);

                    Assert.True(Timestamps.TryParse(text, out var parsed), text);
                    Assert.Equal(utc, parsed);
                }
            );

    [Fact]
    public void Garbage_is_never_a_fault() => Gen.String.Sample(text => !Timestamps.TryParse(text, out _));
}
