using System.Collections.Concurrent;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>
/// Senders who move money without pause while something breaks, note every answer, and send again with the same key what was not answered for
/// good. Afterwards every answer is held against the books: what was acknowledged is there, once, as it was told; what was refused moved
/// nothing; what was called "did not happen" is not there.
/// </summary>
internal sealed class Crowd(LedgerBank bank, IReadOnlyList<PostingEngine> engines, IReadOnlyList<Wallet> wallets, int seed)
    : IAsyncDisposable
{
    private const int Shared = 64;
    private readonly ConcurrentDictionary<Guid, ConcurrentQueue<PostingOutcome>> _answers = [];
    private readonly ConcurrentDictionary<Guid, bool> _leftAsUnavailable = [];
    private volatile bool _leaving;
    private Task _sending = Task.CompletedTask;
    private int _posted;

    /// <summary>Requests that were answered "posted" so far.</summary>
    public int Posted => Volatile.Read(ref _posted);

    /// <summary>How often each kind of answer was given.</summary>
    public IReadOnlyDictionary<PostingStatus, int> Tally =>
        _answers
            .Values.SelectMany(answers => answers)
            .GroupBy(answer => answer.Status)
            .ToDictionary(group => group.Key, group => group.Count());

    /// <summary>Every request goes to every engine at once, with the same key.</summary>
    public bool SharesKeys { get; init; }

    /// <summary>With its wallets funded beyond need, so that only faults keep money from moving.</summary>
    public static async Task<Crowd> GatherAsync(
        LedgerBank bank,
        IReadOnlyList<PostingEngine> engines,
        int wallets,
        int seed,
        bool sharesKeys = false
    )
    {
        var opened = new ConcurrentBag<Wallet>();
        // A few at a time: the server has a hundred connections for all tests that run now.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, wallets),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (_, _) => opened.Add(await bank.OpenWalletAsync(1_000_000_000, Accounts.Tier.Load))
        );
        return new Crowd(bank, engines, [.. opened], seed) { SharesKeys = sharesKeys };
    }

    public void Start(int senders)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"The crowd's seed is {seed}.");
        _sending = Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(() => SendAsync(new Random(seed + sender)))));
    }

    /// <summary>Money moves: so many more requests have been posted since this was called.</summary>
    public async Task GoesOnAsync(int more)
    {
        var from = Posted;
        await Eventually.IsTrueAsync(() => _sending.IsCompleted || Posted - from >= more, $"{more} more requests are posted");
        if (_sending.IsCompleted)
        {
            await _sending;
        }
    }

    /// <summary>Lets everybody bring what they have begun to its end, and compares all answers with the books.</summary>
    /// <param name="otherTransfers">How many transfers there are besides the crowd's own and the funding of its wallets.</param>
    public async Task LeaveAsync(int otherTransfers = 0)
    {
        _leaving = true;
        await _sending;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", Tally.Select(pair => $"{pair.Key} {pair.Value}")));
        await CompareAsync(otherTransfers);
    }

    /// <summary>Nobody goes on sending into a bank that is closed, also when a test fails half-way.</summary>
    public async ValueTask DisposeAsync()
    {
        _leaving = true;
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SendAsync(Random random)
    {
        while (!_leaving)
        {
            if (SharesKeys)
            {
                // Each engine in an order of its own, so that batches have common keys crosswise.
                var requests = Enumerable.Range(0, Shared).Select(_ => NewRequest(random)).ToArray();
                var sending = new List<Task>();
                foreach (var engine in engines)
                {
                    random.Shuffle(requests);
                    sending.AddRange(requests.Select(request => BringToItsEndAsync(engine, request, givesUp: false)));
                }
                await Task.WhenAll(sending);
            }
            else
            {
                await BringToItsEndAsync(engines[random.Next(engines.Count)], NewRequest(random), givesUp: random.Next(2) == 0);
            }
        }
    }

    private PostingRequest NewRequest(Random random)
    {
        var from = random.Next(wallets.Count);
        var to = (from + 1 + random.Next(wallets.Count - 1)) % wallets.Count;
        return wallets[from].Send(1 + random.Next(100), wallets[to].Id);
    }

    private async Task BringToItsEndAsync(PostingEngine engine, PostingRequest request, bool givesUp)
    {
        var answers = _answers.GetOrAdd(request.KeyDigest, _ => []);
        while (true)
        {
            var outcome = await engine.PostAsync(request);
            answers.Enqueue(outcome);
            switch (outcome.Status)
            {
                case PostingStatus.Posted:
                    Interlocked.Increment(ref _posted);
                    return;
                case PostingStatus.Unavailable when givesUp && answers.All(answer => answer.Status == PostingStatus.Unavailable):
                    _leftAsUnavailable[request.KeyDigest] = true;
                    return;
                case PostingStatus.Unavailable or PostingStatus.Unknown or PostingStatus.KeyInProgress or PostingStatus.Overloaded:
                    break;
                default:
                    throw new InvalidOperationException($"Nobody asked for anything that could be answered {outcome.Status}.");
            }
        }
    }

    private async Task CompareAsync(int otherTransfers)
    {
        var books = await ReadBooksAsync();
        var asked = _answers.Where(pair => !_leftAsUnavailable.ContainsKey(pair.Key)).ToList();
        foreach (var (key, answers) in asked)
        {
            var transfers = answers
                .Where(answer => answer.Status == PostingStatus.Posted)
                .Select(answer => answer.Transfer!)
                .Distinct()
                .ToList();
            var told = Assert.Single(transfers);
            Assert.True(books.TryGetValue(key, out var stored), $"Acknowledged, but not in the books: {told}");
            Assert.Equal((told.Id, told.Amount, told.Debit.Version, told.Credit.Version), stored);
        }
        Assert.DoesNotContain(_leftAsUnavailable.Keys, books.ContainsKey);
        // Together with "each key has one transfer": nothing was posted that nobody had asked for, and nothing twice.
        Assert.Equal(asked.Count + wallets.Count + otherTransfers, books.Count);
        Assert.Equal(books.Count, await bank.CountAsync("SELECT count(*) FROM transfers"));
    }

    private async Task<Dictionary<Guid, (Guid Id, long Amount, long DebitVersion, long CreditVersion)>> ReadBooksAsync()
    {
        var books = new Dictionary<Guid, (Guid, long, long, long)>();
        await using var command = bank.Owner.CreateCommand(
            "SELECT k.key_digest, t.id, t.amount, t.debit_version, t.credit_version FROM idempotency_keys k JOIN transfers t ON t.id = k.outcome_id"
        );
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            books.Add(reader.GetGuid(0), (reader.GetGuid(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4)));
        }
        return books;
    }
}
