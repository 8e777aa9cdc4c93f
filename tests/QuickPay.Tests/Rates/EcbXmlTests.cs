using System.Text;
using QuickPay.Rates;
using QuickPay.Tests.Tidy;

namespace QuickPay.Tests.Rates;

/// <summary>What is read out of a feed, and what is not.</summary>
public sealed class EcbXmlTests
{
    private const string Usd = "<Cube currency='USD' rate='1.0856'/>";
    private const string Krw = "<Cube currency='KRW' rate='1512.30'/>";

    [Fact]
    public void A_day_is_read_to_the_last_digit()
    {
        var day = Read(Feed(Usd + Krw));

        Assert.Equal((new DateOnly(2026, 11, 20), "EUR"), (day.AsOf, day.Base));
        Assert.Equal([KeyValuePair.Create("KRW", 1512.30m), KeyValuePair.Create("USD", 1.0856m)], day.Rates);
        Assert.Equal((1m, 1.0856m, null), (day.Of("EUR"), day.Of("USD"), day.Of("JPY")));
    }

    [Fact]
    public void The_sample_is_in_this_form_and_believed()
    {
        var sample = Read(Repository.Read("src/QuickPay.Worker/Rates/sample-rates.xml"));

        RateChecks.Require(sample, last: null, today: sample.AsOf, jumpMaxPercent: 20);
        Assert.Equal(15, sample.Rates.Count);
    }

    [Theory]
    [InlineData("", "not XML")]
    [InlineData("rates", "not XML")]
    [InlineData("{\"USD\":1.0856}", "not XML")]
    [InlineData("<html><body>Service unavailable</body></html>", "not an envelope")]
    [InlineData("<Envelope><Cube><Cube time='2026-11-20'/></Cube></Envelope>", "not an envelope")]
    [InlineData("<?xml version='1.0' encoding='no-such-letters'?><a/>", "not XML")]
    public void What_is_not_a_feed_is_refused(string text, string why) => RefusedFor(why, text);

    [Fact]
    public void A_feed_that_breaks_off_is_refused()
    {
        var whole = Feed(Usd + Krw);
        for (var length = 0; length < whole.Length; length++)
        {
            RefusedFor("not XML", whole[..length]);
        }
    }

    /// <summary>It could read files of ours, or ask other servers in our name, or fill the memory.</summary>
    [Theory]
    [InlineData("<!DOCTYPE a>")]
    [InlineData("<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>")]
    public void A_feed_with_a_DTD_is_refused(string dtd) => RefusedFor("brings a DTD", dtd + Feed(Usd));

    [Theory]
    [InlineData("")]
    [InlineData("20.11.2026")]
    [InlineData("2026-11-31")]
    [InlineData("2026-11-20T16:00:00Z")]
    public void A_day_without_a_date_is_refused(string time) => RefusedFor("no date", Feed(Usd, time));

    [Fact]
    public void No_day_and_several_days_are_refused()
    {
        var day = $"<Cube time='2026-11-20'>{Usd}</Cube>";

        RefusedFor("one day", Envelope(""));
        RefusedFor("one day", Envelope($"<Cube>{day}{day}</Cube>"));
        RefusedFor("one day", Envelope($"<Cube>{day}</Cube><Cube>{day}</Cube>"));
    }

    [Theory]
    [InlineData("<Cube rate='1'/>")]
    [InlineData("<Cube currency='usd' rate='1'/>")]
    [InlineData("<Cube currency='DOLLAR' rate='1'/>")]
    [InlineData("<Cube currency='EUR' rate='1'/>")]
    [InlineData("<gesmes:Cube currency='USD' rate='1'/>")]
    public void What_is_no_other_currency_is_refused(string cube) => RefusedFor("not another currency", Feed(cube));

    [Fact]
    public void A_currency_that_is_there_twice_is_refused() => RefusedFor("USD twice", Feed(Usd + Krw + Usd));

    [Theory]
    [InlineData("")]
    [InlineData("-1.0856")]
    [InlineData("+1.0856")]
    [InlineData("1e3")]
    [InlineData("1,085.6")]
    [InlineData("1,0856")]
    [InlineData(" 1.0856")]
    [InlineData("1.0856\n")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1.2.3")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("0x10")]
    [InlineData("１.0856")]
    [InlineData("1.0856000000000000")]
    public void A_rate_that_is_no_plain_figure_is_refused(string rate) => RefusedFor("rate of USD is not a plain figure", Rate(rate));

    [Theory]
    [InlineData("0")]
    [InlineData("0.0000")]
    [InlineData("0.0000000009")]
    [InlineData("1000000000.1")]
    public void A_rate_of_zero_or_beyond_reason_is_refused(string rate) => RefusedFor("zero or absurd", Rate(rate));

    [Theory]
    [InlineData("0.000000001")]
    [InlineData("1000000000")]
    [InlineData("12345.678901234")]
    public void A_rate_up_to_the_bounds_is_read(string rate) =>
        Assert.Equal(decimal.Parse(rate, System.Globalization.CultureInfo.InvariantCulture), Read(Rate(rate)).Of("USD"));

    [Fact]
    public void Without_a_rate_a_currency_is_refused() => RefusedFor("rate of USD", Feed("<Cube currency='USD'/>"));

    private static string Rate(string rate) => Feed($"<Cube currency='USD' rate='{rate}'/>");

    private static string Feed(string cubes, string time = "2026-11-20") => Envelope($"<Cube><Cube time='{time}'>{cubes}</Cube></Cube>");

    private static string Envelope(string inside) =>
        "<gesmes:Envelope xmlns:gesmes='http://www.gesmes.org/xml/2002-08-01' xmlns='http://www.ecb.int/vocabulary/2002-08-01/eurofxref'>"
        + $"<gesmes:subject>Reference rates</gesmes:subject>{inside}</gesmes:Envelope>";

    private static DailyRates Read(string text) => EcbXml.Read(Encoding.UTF8.GetBytes(text));

    private static void RefusedFor(string why, string text) =>
        Assert.Contains(why, Assert.Throws<RatesRefusedException>(() => Read(text)).Message, StringComparison.Ordinal);
}
