using Npgsql;

namespace QuickPay.Bench.Measure;

/// <summary>A part of the system whose processor time is counted on its own.</summary>
/// <param name="Name">api, postgres, redis, generator, …</param>
/// <param name="Pids">Its processes.</param>
/// <param name="WithChildren">Count the children as well (PostgreSQL's backends, a Node cluster's workers).</param>
internal sealed record MeteredRole(string Name, IReadOnlyList<int> Pids, bool WithChildren);

/// <summary>
/// One reading: processor time by role and of the whole machine, the end of the write-ahead log, the good answers so far, and what the
/// servers count themselves, where that was asked for.
/// </summary>
internal sealed record MeterReading(
    long Ticks,
    IReadOnlyDictionary<string, long> CpuMicroseconds,
    long MachineMicroseconds,
    long WalBytes,
    long Committed,
    ServerCounts? Counts = null
)
{
    public double SecondsSince(MeterReading earlier, TimeProvider clock) => clock.GetElapsedTime(earlier.Ticks, Ticks).TotalSeconds;
}

/// <summary>Reads processor time, memory and WAL around a measured window.</summary>
/// <param name="roles">Whose processor time.</param>
/// <param name="database">Whose log.</param>
/// <param name="clock">When.</param>
/// <param name="counter">Asked, too; null: not.</param>
internal sealed class Meter(IReadOnlyList<MeteredRole> roles, NpgsqlDataSource database, TimeProvider clock, ServerCounter? counter = null)
{
    public async Task<MeterReading> ReadAsync(Func<long> committed, CancellationToken cancellationToken)
    {
        // The committed count and the times are taken at the same instant; the query's few milliseconds come after.
        var ticks = clock.GetTimestamp();
        var count = committed();
        var cpu = roles.ToDictionary(
            role => role.Name,
            role => role.Pids.Sum(pid => role.WithChildren ? ProcFs.CpuMicrosecondsWithChildren(pid) : ProcFs.CpuMicroseconds(pid))
        );
        var machine = ProcFs.BusyMicroseconds();
        await using var command = database.CreateCommand("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint");
        var wal = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        var counts = counter is null ? null : await counter.ReadAsync(cancellationToken);
        return new MeterReading(ticks, cpu, machine, wal, count, counts);
    }

    /// <summary>Resident memory of a role's processes, now and the sum of their highest.</summary>
    public (long Resident, long Peak) Memory(string role)
    {
        var pids = roles.Where(r => r.Name == role).SelectMany(r => r.WithChildren ? r.Pids.SelectMany(ProcFs.WithChildren) : r.Pids);
        var readings = pids.Select(ProcFs.Memory).ToList();
        return (readings.Sum(r => r.Resident), readings.Sum(r => r.Peak));
    }
}
