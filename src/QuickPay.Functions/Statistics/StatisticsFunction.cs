using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Functions.Runtime;
using QuickPay.Ledger;
using QuickPay.Postgres;
using QuickPay.Statistics;

namespace QuickPay.Functions.Statistics;

/// <summary>
/// Yesterday's figures (Asia/Seoul), as operators see them, as metrics. A day that is not summed up to its end fails, so that Lambda asks again
/// later: half a day would look like a bad one.
/// </summary>
internal sealed class StatisticsFunction(FunctionSettings settings, TextWriter output, TimeProvider time) : IFunction
{
    private const int AttemptsMax = 5;

    public async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var day = LedgerDay.Of(TimeOf(invocation.Body)).AddDays(-1);
        var sum = await ReadAsync(day, cancellationToken);
        foreach (var line in DayMetrics.Lines(sum))
        {
            await output.WriteLineAsync(line);
        }
    }

    private async Task<DaySum> ReadAsync(DateOnly day, CancellationToken cancellationToken)
    {
        var postgres = settings.Postgres(time);
        // What is a replica is known by where this function is sent; here it is the one server that there is.
        await using var pool = DataSources.ForReading(postgres, 1);
        using var server = new ReadReplicas(
            pool,
            Options.Create(postgres),
            Options.Create(new ReplicaOptions { StatisticsUsername = postgres.Username, StatisticsPassword = postgres.Password }),
            time,
            NullLogger<ReadReplicas>.Instance
        );
        var report = await ReadAsync(new OperatorStatistics(server), day, cancellationToken);
        return report?.Days is [{ HoursSummedUp: 24, ActiveMembers: not null } sum] && report.Until == LedgerDay.StartOf(day.AddDays(1))
            ? sum
            : throw new FunctionException($"{day:yyyy-MM-dd} is not summed up to its end yet.");
    }

    // The pools of servers wait 2 s for a connection. The first one of a new process on a part of a core may take longer.
    private static async Task<OperatorReport?> ReadAsync(OperatorStatistics statistics, DateOnly day, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await statistics.ReadAsync(day, day.AddDays(1), cancellationToken);
            }
            catch (NpgsqlException e) when (e.IsTransient && attempt < AttemptsMax) { }
        }
    }

    /// <summary>When the event was meant to be, which is not when it is tried again; without it, now.</summary>
    private DateTime TimeOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.TryGetProperty("time", out var meant)
                ? DateTime.Parse(
                    meant.GetString()!,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
                )
                : time.GetUtcNow().UtcDateTime;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new FunctionException("The event is none of a schedule: no JSON object, or its time is none.", e);
        }
    }
}
