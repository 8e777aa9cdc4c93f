using QuickPay.Cli.Cost;

namespace QuickPay.IntegrationTests.Cost;

/// <summary>The case study's bill comes out of the code that makes ours, and where it contradicts itself the right figure does.</summary>
public sealed class CaseStudyBillTests
{
    private static readonly ReservedDiscount Discount = PriceBook.OfTheCaseStudy.Reserved["1y"];

    [Theory]
    [InlineData("EC2", "151.84")]
    [InlineData("ALB", "40.43")]
    [InlineData("RDS", "461.40")]
    [InlineData("ElastiCache", "411.72")]
    [InlineData("WAF", "15.00")]
    [InlineData("CloudWatch", "20.00")]
    [InlineData("X-Ray", "15.00")]
    [InlineData("Data transfer", "50.00")]
    [InlineData("S3", "30.00")]
    [InlineData("NAT and endpoints", "0")]
    public void Each_line_comes_out_to_the_cent(string group, string amount) => Assert.Equal(Money(amount), CaseStudy.Bill.Of(group));

    [Theory]
    [InlineData("ALB", "load balancer", "16.43")]
    [InlineData("ALB", "its load", "24.00")]
    [InlineData("RDS", "primary and standby", "350.40")]
    [InlineData("RDS", "their storage", "92.00")]
    [InlineData("RDS", "backups", "19.00")]
    [InlineData("ElastiCache", "primary", "137.24")]
    [InlineData("ElastiCache", "replicas", "274.48")]
    [InlineData("WAF", "firewall", "5.00")]
    [InlineData("WAF", "requests", "10.00")]
    [InlineData("CloudWatch", "dashboards", "3.00")]
    public void Each_part_comes_out_to_the_cent(string group, string item, string amount) =>
        Assert.Equal(Money(amount), CaseStudy.Bill.Items.Single(one => one.Usage.Group == group && one.Usage.Item == item).Amount);

    [Fact]
    public void They_add_up_to_what_is_printed_there()
    {
        Assert.Equal(1_195.39m, CaseStudy.Bill.Total);
        Assert.Equal(CaseStudy.Bill.Total, Groups.All.Sum(CaseStudy.Bill.Of));
    }

    [Fact]
    public void Amounts_without_quantities_pay_for_these()
    {
        Assert.Equal(3_000, CaseStudy.LcuHours);
        Assert.Equal(397, decimal.Round(CaseStudy.TransferredGb));
        Assert.Equal(1_200, CaseStudy.StoredGb);
    }

    [Fact]
    public void Ten_million_requests_and_three_million_traces_stand_against_150_million_transfers()
    {
        Assert.Equal(10_000_000, CaseStudy.Requests);
        Assert.Equal(3_000_000, CaseStudy.Traces);
        Assert.Equal(150_000_000, Volume.OfTheCaseStudy.TransfersPerMonth);
        Assert.Equal(CaseStudy.Transfers, Volume.OfTheCaseStudy.TransfersPerMonth);
    }

    [Fact]
    public void Five_million_transfers_a_day_are_58_a_second_and_not_500()
    {
        Assert.Equal(58, decimal.Round(Volume.OfTheCaseStudy.AverageTps));
        Assert.Equal(500, new Volume(1, 43_200_000).AverageTps);
        Assert.Equal(2_000, Volume.OfTheCaseStudy.PeakTps);
    }

    [Fact]
    public void A_member_costs_a_tenth_of_a_cent_and_a_transfer_a_hundredth_of_what_is_printed()
    {
        Assert.Equal(0.0012m, decimal.Round(CaseStudy.Bill.Total / Volume.OfTheCaseStudy.Members, 4));
        Assert.Equal(0.000008m, decimal.Round(CaseStudy.Bill.Total / Volume.OfTheCaseStudy.TransfersPerMonth, 6));
    }

    [Fact]
    public void Reserving_the_three_lines_in_whole_saves_409_99_and_not_315()
    {
        var saving = CaseStudy.SavingOfWholeLines(Discount);

        Assert.Equal(409.99m, saving);
        Assert.Equal(0.34m, decimal.Round(saving / CaseStudy.Bill.Total, 2));
        Assert.Equal(785.40m, CaseStudy.Bill.Total - saving);
    }

    /// <summary>Storage and backups, $111.00 of RDS, are never reserved.</summary>
    [Fact]
    public void Reserving_what_can_be_reserved_saves_365_58()
    {
        var saving = CaseStudy.Bill.SavingWhenReserved(Discount);

        Assert.Equal(365.58m, saving);
        Assert.Equal(0.31m, decimal.Round(saving / CaseStudy.Bill.Total, 2));
        Assert.Equal(829.81m, CaseStudy.Bill.Total - saving);
    }

    /// <summary>Half a cent goes up: 16.425 is printed as 16.43.</summary>
    [Fact]
    public void Half_a_cent_goes_up() => Assert.Equal(16.43m, Bill.ToCents(16.425m));

    private static decimal Money(string amount) => decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture);
}
