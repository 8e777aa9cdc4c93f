using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Statistics;

/// <summary>Where statistics are read: the one place that knows of replicas and of the role.</summary>
public sealed class StatisticsSource : IAsyncDisposable
{
    public StatisticsSource(IOptions<PostgresOptions> postgres, IOptions<StatisticsOptions> statistics)
    {
        var options = statistics.Value;
        Members = DataSources.ForStatistics(With(postgres.Value, options, options.Hosts), options.ConnectionsMax, byIndex: true);
        Reports = DataSources.ForStatistics(With(postgres.Value, options, options.ReportHosts), options.ConnectionsMax, byIndex: false);
    }

    /// <summary>For one member's own rows.</summary>
    internal NpgsqlDataSource Members { get; }

    /// <summary>For sums over everybody.</summary>
    internal NpgsqlDataSource Reports { get; }

    public async ValueTask DisposeAsync()
    {
        await Members.DisposeAsync();
        await Reports.DisposeAsync();
    }

    private static PostgresOptions With(PostgresOptions postgres, StatisticsOptions statistics, string hosts) =>
        new()
        {
            Hosts = hosts.Length > 0 ? hosts : postgres.Hosts,
            Database = postgres.Database,
            Username = statistics.Username,
            Password = statistics.Password,
            RootCertificate = postgres.RootCertificate,
        };
}
