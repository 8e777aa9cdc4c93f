using Npgsql;
using QuickPay.Bench.Report;
using QuickPay.Bench.Targets;
using QuickPay.Cli.Local;
using QuickPay.Ledger;
using static System.FormattableString;

namespace QuickPay.Bench.Commands;

/// <summary>`bench keys`: what very many idempotency keys take and cost, and how a day's worth of them is forgotten under load.</summary>
internal sealed class KeysCommand(BenchConsole console, TimeProvider clock)
{
    private const int ConnectionsDefault = 256;
    private const long ChunkMax = 5_000_000;
    private const int Fillers = 2;
    private const int HoursADay = 24;

    /// <returns>0 = the books hold and the keys of a day were forgotten, 1 = not.</returns>
    public async Task<int> RunAsync(RigOptions rigOptions, LoadOptions options, long keys, bool json, CancellationToken cancellationToken)
    {
        await using var rig = await BenchRig.StartAsync(rigOptions, console, clock, cancellationToken);
        await using var session = await LoadSession.OpenAsync(rig.Target, options, console, clock, cancellationToken);
        var each = options with { Connections = options.Connections ?? ConnectionsDefault };
        var accounts = await session.OpenAccountsAsync(options.Accounts, cancellationToken);

        await session.WarmUpAsync(accounts, each, cancellationToken);
        console.Step("keys: load while there are few");
        var few = await session.RunAsync(accounts, each, null, cancellationToken);

        var filled = clock.GetUtcNow();
        await FillAsync(session.Database, keys, filled, cancellationToken);
        var sizes = await SizesAsync(session.Database, cancellationToken);

        console.Step("keys: load while there are many");
        var many = await session.RunAsync(accounts, each, null, cancellationToken);

        console.Step("keys: the oldest day is forgotten under load");
        var forgetting = ForgetAsync(rig.Stack!, cancellationToken);
        var during = await session.RunAsync(accounts, each, null, cancellationToken);
        var forgotten = await forgetting;

        var report = new KeysReport(sizes, forgotten, few, many, during);
        if (json)
        {
            var machine = await Machine.OfAsync(session.Database, cancellationToken);
            JsonOutput.Write(
                new
                {
                    command = "keys",
                    machine,
                    seed = options.Seed,
                    report,
                }
            );
        }
        else
        {
            Verdict.Write(console, report);
        }

        return report.Held ? 0 : 1;
    }

    private async Task FillAsync(NpgsqlDataSource database, long keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await ExecuteAsync(database, KeysSql.DropIndex, cancellationToken);
        var next = 0L;
        var gate = new Lock();
        await Task.WhenAll(Enumerable.Range(0, Fillers).Select(_ => FillPartsAsync()));
        console.Step(Invariant($"keys: the index over {keys:N0} is built"));
        await ExecuteAsync(database, KeysSql.BuildIndex, cancellationToken);
        foreach (var sql in KeysSql.Settle)
        {
            await ExecuteAsync(database, sql, cancellationToken);
        }

        async Task FillPartsAsync()
        {
            while (true)
            {
                long first,
                    count;
                lock (gate)
                {
                    (first, count) = (next, Math.Min(ChunkMax, keys - next));
                    next += count;
                }
                if (count == 0)
                {
                    return;
                }
                console.Step(Invariant($"keys: {first:N0} of {keys:N0} are made"));
                await ExecuteAsync(database, KeysSql.Insert(first, count, keys, now), cancellationToken);
            }
        }
    }

    /// <summary>What the worker does in a day, with its own role, without the hours between.</summary>
    private async Task<Forgotten> ForgetAsync(LocalStack stack, CancellationToken cancellationToken)
    {
        await using var worker = NpgsqlDataSource.Create(stack.Servers.Postgres.Connection(PostgresRoles.Worker).ConnectionString);
        var expiry = new KeyExpiry(worker);
        var started = clock.GetTimestamp();
        long keys = 0;
        for (var hour = 0; hour < HoursADay; hour++)
        {
            keys += await expiry.DeleteOlderThanAsync(KeyExpiry.RetentionMin, hour, HoursADay, cancellationToken);
        }
        return new Forgotten(keys, clock.GetElapsedTime(started).TotalSeconds);
    }

    private static async Task<KeySizes> SizesAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(KeysSql.Sizes);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new KeySizes(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
