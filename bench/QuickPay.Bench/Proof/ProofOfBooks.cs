using System.Net;
using Npgsql;
using NpgsqlTypes;
using QuickPay.Bench.Load;
using QuickPay.Bench.Targets;
using static System.FormattableString;

namespace QuickPay.Bench.Proof;

/// <summary>One thing that must hold after a run, and whether it did.</summary>
internal sealed record ProofCheck(string Name, bool Held, string Detail);

/// <summary>
/// What is asked of the books after a run:
/// (1) requests whose outcome stayed unknown are sent again with their keys until it is known; (2) every acknowledged transfer is there,
/// exactly once; (3) there are as many new transfers as acknowledged and resolved ones, so nothing that was refused or never
/// acknowledged is there either; (4) the balances of each currency sum to zero; (5) replays are answered as the first time.
/// </summary>
internal sealed class ProofOfBooks(NpgsqlDataSource database, BooksSql books)
{
    private const int ParallelSends = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task<long> CountTransfersAsync(CancellationToken cancellationToken) =>
        (long)(await ScalarAsync($"SELECT count(*) FROM {books.Transfers}", cancellationToken))!;

    public async Task<IReadOnlyList<ProofCheck>> CheckAsync(
        long transfersBefore,
        LoadResult result,
        LoadMembers members,
        AccountSet accounts,
        ulong runSeed,
        CancellationToken cancellationToken
    )
    {
        var resolved = await ResolveAsync([.. result.Proofs.SelectMany(p => p.Unknown)], members, accounts, runSeed, cancellationToken); // (1)
        List<ProofCheck> checks = [resolved.Check];
        checks.AddRange(await AcknowledgedAsync(result, resolved.Posted, transfersBefore, cancellationToken)); // (2) (3)
        checks.Add(await SumsAsync(cancellationToken)); // (4)
        checks.Add(await ReplaysAsync([.. result.Proofs.SelectMany(p => p.Sample)], members, accounts, runSeed, cancellationToken)); // (5)
        var after = await CountTransfersAsync(cancellationToken);
        var expected = transfersBefore + result.Proofs.Sum(p => p.Count) + resolved.Posted.Count;
        checks.Add(new ProofCheck("replays posted nothing", after == expected, Invariant($"{after - expected} rows too many")));
        return checks;
    }

    /// <summary>The sum alone, for runs whose ids nobody collected.</summary>
    public async Task<ProofCheck> SumsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(books.SumsByCurrency);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> wrong = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var sum = reader.GetDecimal(1);
            if (sum != 0)
            {
                wrong.Add(Invariant($"{reader.GetString(0)} {sum}"));
            }
        }

        return new ProofCheck("balances sum to zero per currency", wrong.Count == 0, wrong.Count == 0 ? "0" : string.Join(", ", wrong));
    }

    private static async Task<(ProofCheck Check, List<Guid> Posted)> ResolveAsync(
        IReadOnlyList<TransferRequest> unknown,
        LoadMembers members,
        AccountSet accounts,
        ulong runSeed,
        CancellationToken cancellationToken
    )
    {
        var posted = new List<Guid>();
        var open = 0;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        await ForEachAsync(
            unknown,
            async transfer =>
            {
                while (true)
                {
                    try
                    {
                        var (status, _, body) = await members.SendAsync(transfer, accounts, runSeed, patience.Token);
                        if (status == HttpStatusCode.Created && ResponseParser.TryReadId(body, out var id))
                        {
                            lock (posted)
                            {
                                posted.Add(id);
                            }

                            return;
                        }

                        if ((int)status is >= 400 and < 500 && status != HttpStatusCode.Conflict)
                        {
                            return; // a definite refusal: nothing moved
                        }
                    }
                    catch (HttpRequestException)
                    {
                        // The server may still be coming back: the same key is safe to send until it answers.
                    }
                    catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                    {
                        Interlocked.Increment(ref open);
                        return;
                    }
                }
            },
            cancellationToken
        );
        var detail = Invariant($"{unknown.Count} unknown, {posted.Count} were posted, {open} still unknown");
        return (new ProofCheck("unknown outcomes were resolved by their keys", open == 0, detail), posted);
    }

    private async Task<IReadOnlyList<ProofCheck>> AcknowledgedAsync(
        LoadResult result,
        IReadOnlyList<Guid> resolved,
        long transfersBefore,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var create = new NpgsqlCommand("CREATE TEMP TABLE acknowledged (id uuid NOT NULL)", connection))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        long told = 0;
        await using (var copy = await connection.BeginBinaryImportAsync("COPY acknowledged (id) FROM STDIN BINARY", cancellationToken))
        {
            foreach (var id in result.Proofs.SelectMany(p => p.Ids()).Concat(resolved))
            {
                await copy.StartRowAsync(cancellationToken);
                await copy.WriteAsync(id, NpgsqlDbType.Uuid, cancellationToken);
                told++;
            }

            await copy.CompleteAsync(cancellationToken);
        }

        var query = $"""
            SELECT (SELECT count(DISTINCT id) FROM acknowledged),
                   (SELECT count(*) FROM acknowledged a JOIN {books.Transfers} t ON t.id = a.id),
                   (SELECT count(*) FROM {books.Transfers})
            """;
        await using var command = new NpgsqlCommand("ANALYZE acknowledged; " + query, connection) { CommandTimeout = 600 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (distinct, found, total) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        return
        [
            new ProofCheck("no id was acknowledged twice", distinct == told, Invariant($"{told} acknowledged, {distinct} different")),
            new ProofCheck("every acknowledged transfer is in the books, once", found == told, Invariant($"{found} of {told}")),
            new ProofCheck(
                "nothing else is in the books",
                total - transfersBefore == told,
                Invariant($"{total - transfersBefore} new rows, {told} acknowledged or resolved, {result.Refused} refused")
            ),
        ];
    }

    private static async Task<ProofCheck> ReplaysAsync(
        IReadOnlyList<AnsweredTransfer> sample,
        LoadMembers members,
        AccountSet accounts,
        ulong runSeed,
        CancellationToken cancellationToken
    )
    {
        var wrong = 0;
        string? first = null;
        await ForEachAsync(
            sample,
            async answered =>
            {
                var (status, replayed, body) = await members.SendAsync(answered.Request, accounts, runSeed, cancellationToken);
                if (status != HttpStatusCode.Created || !replayed || !body.AsSpan().SequenceEqual(answered.Body))
                {
                    Interlocked.Increment(ref wrong);
                    first ??= Invariant($"; first: {(int)status}, replayed {replayed}, {System.Text.Encoding.UTF8.GetString(body)}");
                }
            },
            cancellationToken
        );
        return new ProofCheck(
            "replays are answered as the first time",
            wrong == 0,
            Invariant($"{sample.Count - wrong} of {sample.Count}{first}")
        );
    }

    private static Task ForEachAsync<T>(IReadOnlyList<T> items, Func<T, Task> act, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelSends, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(items, options, async (item, _) => await act(item));
    }

    private async Task<object?> ScalarAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 600;
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
