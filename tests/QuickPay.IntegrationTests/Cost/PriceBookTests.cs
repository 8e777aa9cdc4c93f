using System.Text;
using QuickPay.Cli.Cost;

namespace QuickPay.IntegrationTests.Cost;

public sealed class PriceBookTests
{
    [Fact]
    public void A_list_price_names_its_page_and_its_day_and_an_assumed_one_its_reason() =>
        Assert.All(
            PriceBook.Seoul.Prices,
            price =>
            {
                if (price.Value.Basis is not PriceBasis.CaseStudy)
                {
                    Assert.StartsWith("https://aws.amazon.com/", price.Value.Source, StringComparison.Ordinal);
                    Assert.Matches("^20[0-9]{2}-[0-9]{2}-[0-9]{2}$", price.Value.Date);
                }
                if (price.Value.Basis is PriceBasis.Assumed)
                    Assert.NotEmpty(price.Value.Note!);
            }
        );

    [Fact]
    public void A_book_says_that_nobody_asked_AWS() => Assert.Contains("without a network", PriceBook.Seoul.Note);

    [Fact]
    public void What_is_taken_from_the_case_study_is_its_figure() =>
        Assert.All(
            PriceBook.Seoul.Prices.Where(price => price.Value.Basis is PriceBasis.CaseStudy),
            price => Assert.Equal(PriceBook.OfTheCaseStudy.Prices[price.Key].Value, price.Value.Value)
        );

    [Theory]
    [InlineData("rds.db.r5.large", 1)]
    [InlineData("rds.db.r5.2xlarge", 4)]
    [InlineData("rds.db.r5.24xlarge", 48)]
    public void A_larger_server_of_a_proportional_family_costs_its_multiple(string name, int times) =>
        Assert.Equal(PriceBook.Seoul.Prices["rds.db.r5.large"].Value * times, PriceBook.Seoul.Find(name)?.Value);

    [Theory]
    [InlineData("ec2.t3.xlarge")]
    [InlineData("rds.db.r5.odd")]
    [InlineData("rds.db.r6g.large")]
    [InlineData("nothing")]
    public void No_other_price_is_made_up(string name) => Assert.Null(PriceBook.Seoul.Find(name));

    [Theory]
    [InlineData("0", "hour", "https://aws.amazon.com/x", "2025-01-01")]
    [InlineData("-1", "hour", "https://aws.amazon.com/x", "2025-01-01")]
    [InlineData("1", "", "https://aws.amazon.com/x", "2025-01-01")]
    [InlineData("1", "hour", "", "2025-01-01")]
    [InlineData("1", "hour", "https://aws.amazon.com/x", "")]
    public void A_price_without_a_value_a_unit_a_source_or_a_date_is_refused(string value, string unit, string source, string date)
    {
        var json = $$"""
            { "region": "r", "currency": "USD", "note": "n", "reserved": {},
              "prices": { "x": { "value": {{value}}, "unit": "{{unit}}", "basis": "list", "source": "{{source}}", "date": "{{date}}" } } }
            """;

        Assert.Throws<InvalidDataException>(() => PriceBook.Parse(new MemoryStream(Encoding.UTF8.GetBytes(json))));
    }

    [Theory]
    [InlineData("db.r5.large", 1, "db.r5.large", 1)]
    [InlineData("db.r5.large", 5, "db.r5.4xlarge", 1)]
    [InlineData("db.r5.4xlarge", 2, "db.r5.4xlarge", 1)]
    [InlineData("db.r5.large", 97, "db.r5.24xlarge", 3)]
    [InlineData("cache.r5.large", 9, "cache.r5.12xlarge", 1)]
    public void A_server_grows_within_its_family_and_never_shrinks(string type, int units, string grown, int count) =>
        Assert.Equal((grown, count), InstanceSize.Grow(type, units));
}
