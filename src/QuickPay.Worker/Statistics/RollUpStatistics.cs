using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Statistics;

namespace QuickPay.Worker.Statistics;

/// <summary>Sums up what statistics are made of: hours and days that are over, and the months of busy accounts.</summary>
internal sealed class RollUpStatistics(
    HourRollUp hours,
    AccountRollUp accounts,
    NpgsqlDataSource dataSource,
    IOptions<JobOptions> options,
    Leadership leadership,
    TimeProvider time,
    ILogger<RollUpStatistics> logger
) : Job(TimeSpan.FromMinutes(options.Value.RollUpStatisticsEveryMinutes), leadership, time, logger)
{
    protected override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var turn = await JobTurn.TryTakeAsync(dataSource, JobTurn.RollUpStatistics, cancellationToken);
        if (turn is null)
        {
            return;
        }
        try
        {
            var closed = await hours.RunAsync(cancellationToken);
            if (closed.Hours + closed.Days > 0)
            {
                WorkerLog.HoursClosed(Logger, closed.Hours, closed.Days);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Told here: accounts are summed up all the same, and may fail by themselves.
            WorkerLog.JobFailed(Logger, nameof(HourRollUp), e);
        }
        await accounts.RunAsync(AccountRollUp.WorthIt, cancellationToken);
    }
}
