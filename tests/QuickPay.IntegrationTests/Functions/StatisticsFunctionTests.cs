using System.Globalization;
using System.Text.Json;
using QuickPay.IntegrationTests.Statistics;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Statistics;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>The function that tells CloudWatch of each day.</summary>
public sealed class StatisticsFunctionTests(TestServers servers) : StatisticsTests(servers)
{
    /// <summary>Of which there is traffic in its second to its thirteenth hour.</summary>
    private static DateOnly Yesterday => ThisMonth.AddDays(-1);

    [Fact]
    public async Task A_day_becomes_metrics_and_nothing_else_is_said()
    {
        var rows = await SumUpAsync(LedgerDay.StartOf(ThisMonth));
        await using var process = await StartAsync();

        Assert.True((await process.InvokeAsync(EventOfToday)).IsDone);

        var lines = (await process.OutputAsync()).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        var day = lines[0];
        Assert.Equal(rows.Count, day.GetProperty("Postings").GetInt64());
        Assert.Equal(
            rows.GroupBy(row => row.CreatedAt.Ticks / TimeSpan.TicksPerSecond).Max(second => second.Count()),
            day.GetProperty("PeakTps").GetInt64()
        );
        Assert.Equal(
            rows.Where(row => row.MovesMoney)
                .SelectMany(row => new[] { row.DebitOwner, row.CreditOwner })
                .OfType<Guid>()
                .Distinct()
                .Count(),
            day.GetProperty("ActiveMembers").GetInt64()
        );
        Assert.Equal([("Postings", ""), ("PeakTps", ""), ("ActiveMembers", "")], MetricsOf(day));
        Assert.Equal(
            rows.Where(row => row.MovesMoney)
                .GroupBy(row => row.Currency)
                .OrderBy(group => group.Key)
                .Select(group => (group.Key.Code(), group.Sum(row => row.Amount))),
            lines
                .Skip(1)
                .Select(line => (line.GetProperty("Currency").GetString()!, line.GetProperty("Volume").GetInt64()))
                .OrderBy(volume => volume.Item1)
        );
        Assert.All(lines.Skip(1), line => Assert.Equal([("Volume", "Currency")], MetricsOf(line)));
        Assert.Empty(await process.ErrorsAsync());
        await Bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_day_without_its_last_hour_is_asked_for_again()
    {
        await SumUpAsync(LedgerDay.StartOf(ThisMonth).AddHours(-1));
        await using var process = await StartAsync();

        var outcome = await process.InvokeAsync(EventOfToday);

        Assert.Equal(
            new Outcome(
                "Function.FunctionException",
                string.Create(CultureInfo.InvariantCulture, $"{Yesterday:yyyy-MM-dd} is not summed up to its end yet.")
            ),
            outcome
        );
        Assert.All(await process.OutputAsync(), line => Assert.DoesNotContain("_aws", line, StringComparison.Ordinal));
        await Bank.ShouldBalanceAsync();
    }

    /// <summary>After a year without a transfer there is still a day.</summary>
    [Fact]
    public async Task A_ledger_without_a_day_fails_and_says_which()
    {
        await using var process = await StartAsync();

        var outcome = await process.InvokeAsync("""{"time":"2020-03-01T15:20:00Z"}""");

        Assert.Contains("2020-03-01 is not summed up", outcome.ErrorMessage, StringComparison.Ordinal);
        await Bank.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("""{"time":"soon"}""")]
    [InlineData("""{"time":null}""")]
    [InlineData("""{"time":17}""")]
    public async Task A_poisoned_event_fails_and_the_process_goes_on(string poisoned)
    {
        await using var process = await StartAsync();

        foreach (var _ in (int[])[1, 2])
        {
            Assert.Contains("none of a schedule", (await process.InvokeAsync(poisoned)).ErrorMessage, StringComparison.Ordinal);
        }
        await Bank.ShouldBalanceAsync();
    }

    private static string EventOfToday =>
        JsonSerializer.Serialize(new { source = "aws.events", time = LedgerDay.StartOf(ThisMonth).AddMinutes(20) });

    private static (string Name, string Dimensions)[] MetricsOf(JsonElement line)
    {
        var aws = line.GetProperty("_aws");
        var at = DateTimeOffset.FromUnixTimeMilliseconds(aws.GetProperty("Timestamp").GetInt64());
        Assert.Equal(Yesterday, LedgerDay.Of(at.UtcDateTime));
        var directive = Assert.Single(aws.GetProperty("CloudWatchMetrics").EnumerateArray());
        Assert.Equal("QuickPay", directive.GetProperty("Namespace").GetString());
        var dimensions = Assert.Single(directive.GetProperty("Dimensions").EnumerateArray());
        return
        [
            .. directive
                .GetProperty("Metrics")
                .EnumerateArray()
                .Select(metric =>
                    (
                        metric.GetProperty("Name").GetString()!,
                        string.Join(',', dimensions.EnumerateArray().Select(name => name.GetString()))
                    )
                ),
        ];
    }

    private async Task<List<BookedRow>> SumUpAsync(DateTime until)
    {
        var traffic = await PastTraffic.BeginAsync(Bank, Database);
        await traffic.GoesOnAsync(40);
        await traffic.MoveAsync(LedgerDay.StartOf(Yesterday).AddHours(1), TimeSpan.FromHours(12));
        await new HourRollUp(Worker, TimeProvider.System).CloseAsync(until, Cancellation);
        return await traffic.RowsAsync();
    }

    private Task<FunctionProcess> StartAsync() =>
        FunctionProcess.StartAsync(
            "statistics",
            new Dictionary<string, string>
            {
                // With nothing behind it: this function reads no secret.
                ["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "http://127.0.0.1:1",
                ["Postgres__Hosts"] = Database.Statistics.Hosts,
                ["Postgres__Database"] = Database.Name,
                ["Postgres__Username"] = Database.Statistics.Username,
                ["Postgres__Password"] = Database.Statistics.Password,
                ["Postgres__RootCertificate"] = Database.Statistics.RootCertificate,
            }
        );
}
