using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Cost;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Cost;

/// <summary>The bills of what is really installed, and the command that prints them.</summary>
public sealed class InstallationBillTests(SynthesizedTemplates templates) : IClassFixture<SynthesizedTemplates>
{
    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Every_resource_has_a_price_or_a_reason_to_be_free(string environment)
    {
        var report = Report(environment, Volume.OfTheCaseStudy);

        Assert.True(report.Total > 0);
        Assert.Equal(report.Total, report.Items.Sum(item => item.Amount));
        Assert.Equal(report.Total, report.Lines.Sum(line => line.Amount));
        Assert.Equal(1_195.39m, report.CaseStudyTotal);
        Assert.Equal(report.CaseStudyTotal, report.Items.Sum(item => item.CaseStudy));
    }

    [Fact]
    public void Production_has_what_the_case_study_describes()
    {
        var items = Report("prod", Volume.OfTheCaseStudy).Items.ToDictionary(item => (item.Group, item.Item), item => item.Quantity);

        Assert.Equal(5 * 730, items[("EC2", Items.ApiServers)]);
        Assert.Equal(2 * 730, items[("RDS", Items.Database)]);
        Assert.Equal(1_000, items[("RDS", Items.Storage)]);
        Assert.Equal(3 * 730, items[("RDS", "read replicas")]);
        Assert.Equal(2 * 730, items[("ElastiCache", Items.CacheReplicas)]);
        Assert.Equal(3 * 730, items[("NAT and endpoints", "NAT gateways")]);
        Assert.Equal(450, items[("WAF", Items.Requests)]);
    }

    /// <summary>Three requests a transfer, and the share that the launch templates say: close to the case study's three million.</summary>
    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void As_many_traces_are_billed_as_the_template_has_servers_make(string environment)
    {
        var report = Report(environment, Volume.OfTheCaseStudy);

        var traces = report.Items.Single(item => item is { Group: Groups.XRay, Item: Items.Recorded });
        Assert.Equal((450 * 0.0067m, 15.08m), (traces.Quantity, traces.Amount));
        Assert.DoesNotContain(report.Notes, note => note.Contains("race", StringComparison.Ordinal));
    }

    /// <summary>So that the others are those of one region, as the case study's are.</summary>
    [Fact]
    public void All_of_the_second_region_is_a_line_of_its_own()
    {
        var report = Report("prod", Volume.OfTheCaseStudy);
        var items = report.Items.Where(item => item.Group == Groups.SecondRegion).ToDictionary(item => item.Item, item => item.Quantity);

        // Two servers that wait, whatever the first region needs; the replica with its standby; a cache of two.
        Assert.Equal(2 * 730, items[$"EC2: {Items.ApiServers}"]);
        Assert.Equal(2 * 730, items["RDS: read replicas"]);
        Assert.Equal(730, items[$"ElastiCache: {Items.CacheReplicas}"]);
        Assert.Equal(730, items[$"ALB: {Items.LoadBalancer}"]);
        Assert.Equal(3 * 730, items["NAT and endpoints: NAT gateways"]);
        Assert.Equal(4, items["Keys and secrets: copies of secrets"]);
        Assert.Equal(1_200, items["S3: copy of the archive"]);
        Assert.Equal(1_200, items["Data transfer: archive to the second region"]);
        Assert.True(items["S3: copy of the trail"] > 0);
        // No worker is there, and no member asks for anything.
        Assert.DoesNotContain(
            items.Keys,
            item => item.Contains("QuickPay.Worker", StringComparison.Ordinal) || item.EndsWith(Items.Requests, StringComparison.Ordinal)
        );
        Assert.Equal(0, report.Lines.Single(line => line.Group == Groups.SecondRegion).CaseStudy);
        Assert.DoesNotContain(Report("dev", Volume.OfDev).Items, item => item.Group == Groups.SecondRegion);
    }

    [Fact]
    public void What_the_case_study_has_comes_first_in_its_order()
    {
        var items = Report("prod", Volume.OfTheCaseStudy).Items;

        Assert.Equal(
            CaseStudy.Bill.Items.Select(item => item.Usage.Item),
            items.Where(item => item.CaseStudy != 0).Select(item => item.Item)
        );
        Assert.All(
            items.GroupBy(item => item.Group),
            line => Assert.Equal(line.OrderBy(item => item.CaseStudy == 0).Select(item => item.Item), line.Select(item => item.Item))
        );
    }

    [Fact]
    public void A_member_and_a_transfer_cost_their_share()
    {
        var report = Report("prod", new(2_000_000, 4_000_000));

        Assert.Equal(report.Total / 2_000_000, report.PerMember, 6);
        Assert.Equal(report.Total / 120_000_000, report.PerTransfer, 10);
        Assert.Equal(report.Total / 120, report.PerMillionTransfers, 4);
    }

    [Fact]
    public void Only_servers_that_are_always_there_are_cheaper_when_reserved()
    {
        var report = Report("prod", Volume.OfTheCaseStudy, reserved: "1y");

        // Three API servers and two workers, and two that wait; in both regions seven of PostgreSQL and five of Redis.
        var always = 730 * (7 * 0.052m + 7 * 0.24m + 5 * 0.188m);
        Assert.Equal(Bill.ToCents(always * 0.4m), report.Reserved!.Saving);
        Assert.Equal(report.Total - report.Reserved.Saving, report.Reserved.Total);
        Assert.Equal(365.58m, report.Reserved.CaseStudySaving);
        Assert.Equal(829.81m, report.Reserved.CaseStudyTotal);
    }

    [Fact]
    public void The_curve_keeps_transfers_for_each_member_and_passes_through_the_bill()
    {
        var report = Report("prod", Volume.OfTheCaseStudy, curve: true);
        var curve = report.Curve!;

        Assert.Equal([10_000, 100_000, 1_000_000, 10_000_000, 100_000_000], curve.Select(point => point.Members));
        Assert.All(curve, point => Assert.Equal(point.Members * 5, point.TransfersPerDay));
        Assert.Equal(report.Total, curve[2].Total);
        Assert.Equal([3, 3, 5, 32, 309], curve.Select(point => point.ApiServers));
        Assert.Equal(
            ["db.r5.large", "db.r5.large", "db.r5.large", "db.r5.4xlarge", "db.r5.24xlarge"],
            curve.Select(point => point.Database)
        );
        Assert.Equal(curve.Select(point => point.Total).Order(), curve.Select(point => point.Total));
        Assert.Equal(curve.Select(point => point.PerMember).OrderDescending(), curve.Select(point => point.PerMember));
        Assert.All(curve, point => Assert.Equal(point.Total, point.Groups.Values.Sum()));
    }

    /// <summary>One transaction a request needs 3.8 times the database: two r5.large instead of one, on seven servers.</summary>
    [Fact]
    public void What_the_batches_save_is_the_larger_database_of_one_transaction_a_request()
    {
        var curve = Report("prod", Volume.OfTheCaseStudy, curve: true).Curve!;

        Assert.Equal(0, curve[0].SavedByBatches);
        Assert.Equal(730 * 7 * 0.24m, curve[2].SavedByBatches);
        Assert.All(curve.Skip(1), point => Assert.True(point.SavedAgainstExpress > point.SavedByBatches));
    }

    [Fact]
    public void A_curve_beyond_what_people_can_do_is_refused()
    {
        var wrong = Assert.Throws<LocalException>(() => Report("prod", new(1, Volume.TransfersPerDayMax), curve: true));

        Assert.Contains("10000 members would make more than 1000000000000 a day", wrong.Message);
    }

    [Fact]
    public async Task The_command_answers_with_JSON_alone()
    {
        var (exitCode, output, errors) = await RunAsync("--env", "prod", "--json", "--curve", "--reserved", "3y");

        Assert.True(exitCode == 0, errors);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(1_195.39m, json.RootElement.GetProperty("caseStudyTotal").GetDecimal());
        Assert.Equal(5, json.RootElement.GetProperty("curve").GetArrayLength());
        Assert.Equal("assumed", json.RootElement.GetProperty("reserved").GetProperty("basis").GetString());
    }

    [Fact]
    public async Task The_command_shows_the_bill_beside_the_case_study_with_marks_and_reasons()
    {
        var (exitCode, output, errors) = await RunAsync("--env", "prod", "--explain", "--templates", templates.FolderOf("prod"));

        Assert.True(exitCode == 0, errors);
        foreach (
            var shown in (string[])
                [
                    "151.84",
                    "40.43",
                    "16.43",
                    "461.40",
                    "411.72",
                    "1,195.39",
                    "0.24*",
                    "nobody asked AWS",
                    "(2 + 2 + 1 over the zones)",
                    Assumptions.AuditBytes.Why,
                ]
        )
            Assert.Contains(shown, output);
    }

    [Fact]
    public async Task What_has_no_price_ends_the_command_with_1_and_its_name()
    {
        var folder = Directory.CreateTempSubdirectory("quickpay-cost-tests-").FullName;
        try
        {
            var template = $$"""{ "Resources": { {{Handwritten.Resource("Blocks", "AWS::QLDB::Ledger")}} } }""";
            await File.WriteAllTextAsync(Path.Combine(folder, "Odd.template.json"), template, TestContext.Current.CancellationToken);

            var (exitCode, output, errors) = await RunAsync("--json", "--templates", folder);

            Assert.Equal((1, ""), (exitCode, output));
            Assert.Contains("Odd/Blocks (AWS::QLDB::Ledger)", errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("--members must be a whole number from 1 to 10000000000, not 0.", "--members", "0")]
    [InlineData("--members must be a whole number from 1 to 10000000000, not -5.", "--members", "-5")]
    [InlineData("--members must be a whole number from 1 to 10000000000, not many.", "--members", "many")]
    [InlineData("not 10000000001.", "--members", "10000000001")]
    [InlineData("not 99999999999999999999999999.", "--transfers-per-day", "99999999999999999999999999")]
    [InlineData("not 1.5.", "--transfers-per-day", "1.5")]
    [InlineData("not 1e6.", "--servers", "1e6")]
    [InlineData("--server-capacity must be", "--server-capacity", "0")]
    [InlineData("'moon' not recognized", "--env", "moon")]
    [InlineData("'2y' not recognized", "--reserved", "2y")]
    [InlineData("--curve is of prod", "--env", "dev", "--curve")]
    [InlineData("There are no templates in", "--templates", "/nowhere")]
    public async Task A_wrong_word_is_explained(string message, params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(message, errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Theory]
    [InlineData("1", "1000000000000")]
    [InlineData("10000000000", "1")]
    [InlineData("10000000000", "1000000000000")]
    public async Task The_largest_figures_are_no_overflow(string members, string transfersPerDay)
    {
        var (exitCode, output, errors) = await RunAsync(
            "--members",
            members,
            "--transfers-per-day",
            transfersPerDay,
            "--json",
            "--templates",
            templates.FolderOf("prod")
        );

        Assert.True(exitCode == 0, errors);
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("total").GetDecimal() > 1_000);
    }

    private CostReport Report(string environment, Volume volume, string? reserved = null, bool curve = false) =>
        CostReport.Of(templates[environment], new(environment, volume, null, null, reserved, curve), PriceBook.Seoul);

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        Tool.TryRunAsync(
            Programs.DotNet,
            [Local.RunningCommand.Assembly, "cost", .. arguments],
            user: null,
            environment: null,
            TestContext.Current.CancellationToken
        );
}
