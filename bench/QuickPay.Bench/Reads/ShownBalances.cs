using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using Npgsql;
using QuickPay.Bench.Load;
using QuickPay.Bench.Proof;
using static System.FormattableString;

namespace QuickPay.Bench.Reads;

/// <summary>
/// What a side's server shows of a sample of accounts, against the database: the most popular, which changed most, and some of all. Asked
/// without a consistency token, as by a member's other device: then no floor keeps a stale cache from being shown.
/// </summary>
internal sealed class ShownBalances(NpgsqlDataSource database, HttpClient http, IReadOnlyList<string> tokens, CacheSide side)
{
    private const int Popular = 500;
    private const int Drawn = 500;
    private const int Parallel = 16;

    public async Task<IReadOnlyList<ProofCheck>> CheckAsync(ulong seed, CancellationToken cancellationToken)
    {
        var sample = Sample(seed);
        var stored = await StoredAsync(sample, cancellationToken);
        var (balances, pages) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForEachAsync(
            sample,
            options,
            async (account, cancel) =>
            {
                var (id, wanted) = (side.Accounts.IdOf(account), stored[side.Accounts.IdOf(account)]);
                using var balance = await GetAsync(account, "balance", cancel);
                if (Shown(balance.RootElement) is var shown && shown != wanted)
                {
                    balances.Enqueue($"{id} shows {shown} for {wanted}");
                }

                using var page = await GetAsync(account, "transactions", cancel);
                var newest = Shown(page.RootElement.GetProperty("items")[0].GetProperty("balanceAfter"));
                if (newest != wanted)
                {
                    pages.Enqueue($"{id} ends with {newest} for {wanted}");
                }
            }
        );
        return [Check("balances", balances, sample.Count), Check("newest pages", pages, sample.Count)];
    }

    private List<long> Sample(ulong seed)
    {
        var accounts = side.Accounts;
        var random = new LoadRandom(seed);
        var popular = Enumerable.Range(1, (int)Math.Min(Popular, accounts.Count)).Select(rank => accounts.IndexOfRank(rank)).ToList();
        for (var i = 0; i < Drawn; i++)
        {
            popular.Add(random.NextBelow(accounts.Count));
        }

        return [.. popular.Distinct()];
    }

    private async Task<Dictionary<Guid, (long Balance, long Version)>> StoredAsync(
        IEnumerable<long> sample,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand("SELECT account_id, balance, version FROM balances WHERE account_id = ANY ($1)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. sample.Select(side.Accounts.IdOf)] });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<Guid, (long, long)> stored = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            stored.Add(rows.GetGuid(0), (rows.GetInt64(1), rows.GetInt64(2)));
        }

        return stored;
    }

    private async Task<JsonDocument> GetAsync(long account, string what, CancellationToken cancellationToken)
    {
        var url = $"http://{side.Way.Host}/v1/accounts/{side.Accounts.IdOf(account)}/{what}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens[side.Accounts.OwnerOf(account)]);
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    private ProofCheck Check(string what, ConcurrentQueue<string> wrong, int all) =>
        new(
            $"the server with caches {side.Name} shows the database's {what}",
            wrong.IsEmpty,
            Invariant($"{all - wrong.Count:N0} of {all:N0}{(wrong.TryPeek(out var first) ? $"; first: {first}" : "")}")
        );

    private static (long Balance, long Version) Shown(JsonElement view) =>
        (view.GetProperty("balance").GetInt64(), view.GetProperty("version").GetInt64());
}
