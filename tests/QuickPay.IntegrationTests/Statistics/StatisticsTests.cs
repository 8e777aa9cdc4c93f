using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Postgres;
using QuickPay.Statistics;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary>A bank whose past is summed up with the worker's role and read with that of statistics.</summary>
public abstract class StatisticsTests(TestServers servers) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _opened = [];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected TestDatabase Database { get; private set; } = null!;

    protected LedgerBank Bank { get; private set; } = null!;

    private protected NpgsqlDataSource Worker { get; private set; } = null!;

    /// <summary>Of no replicas: by the role of statistics, from the primary.</summary>
    private protected ReadReplicas Source { get; private set; } = null!;

    /// <summary>The beginning of this month, in Seoul.</summary>
    protected static DateOnly ThisMonth
    {
        get
        {
            var today = LedgerDay.Of(TimeProvider.System.GetUtcNow().UtcDateTime);
            return new DateOnly(today.Year, today.Month, 1);
        }
    }

    public async ValueTask InitializeAsync()
    {
        Database = await servers.CreateDatabaseAsync();
        Bank = await LedgerBank.OpenAsync(Database.Api, Database.Migrator);
        Worker = NpgsqlDataSource.Create(Database.Worker.ConnectionString);
        var reading = NpgsqlDataSource.Create(Database.Api.ConnectionString);
        Source = new ReadReplicas(
            reading,
            Options.Create(
                new PostgresOptions
                {
                    Hosts = Database.Api.Hosts,
                    Database = Database.Name,
                    Username = Database.Api.Username,
                    Password = Database.Api.Password,
                    RootCertificate = Database.Api.RootCertificate,
                }
            ),
            Options.Create(
                new ReplicaOptions { StatisticsUsername = Database.Statistics.Username, StatisticsPassword = Database.Statistics.Password }
            ),
            TimeProvider.System,
            NullLogger<ReadReplicas>.Instance
        );
        _opened.AddRange([reading, Worker, Bank, Database]);
    }

    public async ValueTask DisposeAsync()
    {
        Source.Dispose();
        foreach (var opened in _opened)
        {
            await opened.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>What operators are told of all days around this month's beginning.</summary>
    private protected async Task<OperatorReport> ReportAsync() =>
        (await new OperatorStatistics(Source).ReadAsync(ThisMonth.AddDays(-5), ThisMonth.AddDays(5), Cancellation))!;

    /// <summary>Compares all that operators are told with what the rows say.</summary>
    private protected async Task ShouldBeAllOfAsync(List<BookedRow> rows)
    {
        var report = await ReportAsync();
        Assert.Equal(
            rows.Select(row => row.Day).Distinct().Order(),
            report.Days.Where(day => day.Load.Postings > 0).Select(day => day.Day)
        );
        foreach (var day in report.Days)
        {
            var own = rows.Where(row => row.Day == day.Day).ToList();
            Assert.Equal((day.Day, LoadOf(own)), (day.Day, day.Load));
            Assert.Equal((day.Day, (int?)ActiveIn(own)), (day.Day, day.ActiveMembers));
            Assert.Equal(VolumesOf(own), day.Volumes);
        }
        Assert.Equal(report.Days.Count * 24, report.Hours.Count);
        foreach (var hour in report.Hours)
        {
            var own = rows.Where(row => row.Hour == hour.Hour).ToList();
            Assert.Equal((hour.Hour, LoadOf(own), ActiveIn(own)), (hour.Hour, hour.Load, hour.ActiveMembers));
            Assert.Equal(VolumesOf(own), hour.Volumes);
        }
        Assert.Equal(TopOf(rows), report.TopAccounts);
        Assert.Equal(0, await Bank.CountAsync("SELECT count(*) FROM statistics_hour_accounts"));
    }

    private static Load LoadOf(List<BookedRow> rows)
    {
        var seconds = rows.GroupBy(row => new DateTime(
            row.CreatedAt.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond,
            DateTimeKind.Utc
        ));
        var peak = seconds.OrderByDescending(second => second.Count()).ThenBy(second => second.Key).FirstOrDefault();
        return new Load(rows.Count, peak?.Count() ?? 0, peak?.Key);
    }

    private static int ActiveIn(List<BookedRow> rows) =>
        rows.Where(row => row.MovesMoney).SelectMany(row => new[] { row.DebitOwner, row.CreditOwner }).OfType<Guid>().Distinct().Count();

    private static List<VolumeSum> VolumesOf(List<BookedRow> rows) =>
        [
            .. rows.Where(row => row.MovesMoney)
                .GroupBy(row => (row.Kind, row.Currency))
                .OrderBy(group => group.Key)
                .Select(group => new VolumeSum(group.Key.Kind, group.Key.Currency, group.Count(), group.Sum(row => row.Amount))),
        ];

    private static List<TopAccount> TopOf(List<BookedRow> rows) =>
        [
            .. rows.Where(row => row.IsBetweenMembers)
                .SelectMany(row => new[] { (Account: row.Debit, row), (Account: row.Credit, row) })
                .GroupBy(side => (side.Account, side.row.Currency))
                .Select(group => new TopAccount(group.Key.Account, group.Key.Currency, group.Count(), group.Sum(side => side.row.Amount)))
                .OrderBy(top => top.Currency)
                .ThenByDescending(top => top.Amount)
                .ThenBy(top => top.AccountId.ToString(), StringComparer.Ordinal),
        ];
}
