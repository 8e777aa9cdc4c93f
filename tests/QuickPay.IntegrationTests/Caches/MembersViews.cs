using System.Collections.Concurrent;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Caches;

/// <summary>
/// Members who pay each other and look at what they have, each one thing after the other, each time at any of several API servers. What a member
/// has once been answered, no later answer may fall behind: neither the version of the account, nor a payment of theirs in the history.
/// </summary>
internal sealed class MembersViews(IReadOnlyList<ApiBank> servers, IReadOnlyList<ApiMember> members, int seed)
{
    private readonly ConcurrentQueue<string> _faults = [];
    private int _reads;
    private int _transfers;
    private int _unanswered;

    /// <summary>What a member saw that can not be; empty if the promise held.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public int Reads => _reads;

    public int Transfers => _transfers;

    /// <summary>Asked to try again later.</summary>
    public int Unanswered => _unanswered;

    public async Task WatchAsync(CancellationToken until)
    {
        await Task.WhenAll(
            members.Select((member, number) => Task.Run(() => LiveAsync(member, new Random(seed + number), until), CancellationToken.None))
        );
    }

    private async Task LiveAsync(ApiMember member, Random random, CancellationToken until)
    {
        string? newest = null;
        long seen = 0;
        var (paid, paidVersion) = (Guid.Empty, 0L);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (!until.IsCancellationRequested)
        {
            var there = member.Through(servers[random.Next(servers.Count)]);
            switch (random.Next(10))
            {
                case < 3:
                    var request = there.NewTransfer(1 + random.Next(5), members[random.Next(members.Count)]);
                    if (newest is not null)
                    {
                        request.Headers.Add(ConsistencyToken.Name, newest);
                    }
                    var sent = await there.SendAsync(request);
                    if (sent.Status == 201)
                    {
                        Interlocked.Increment(ref _transfers);
                        Take(sent, "transfer");
                        (paid, paidVersion) = (sent.Id, seen);
                    }
                    else if (sent.Status == 503)
                    {
                        Interlocked.Increment(ref _unanswered);
                        await pause.WaitForNextTickAsync(CancellationToken.None);
                    }
                    else if (sent.Code != "same_account")
                    {
                        _faults.Enqueue($"{member}: a transfer was answered {sent.Status} {sent.Text}");
                    }
                    break;
                case < 7:
                    Take(await there.ReadsAsync("balance", newest), "balance");
                    break;
                default:
                    var page = await there.ReadsAsync("transactions", newest);
                    if (Take(page, "page") && paid != Guid.Empty && !page.Text.Contains(paid.ToString(), StringComparison.Ordinal))
                    {
                        // Others' payments may have pushed it off the first page.
                        var oldest = page["items"].EnumerateArray().Min(VersionAfter);
                        if (oldest < paidVersion)
                        {
                            _faults.Enqueue($"{member}: the page lacks {paid}, which was answered before");
                        }
                    }
                    break;
            }
        }

        bool Take(ApiAnswer answer, string what)
        {
            Interlocked.Increment(ref _reads);
            if (answer.Status == 503)
            {
                Interlocked.Increment(ref _unanswered);
                return false;
            }
            if (answer.Status is not (200 or 201) || !ConsistencyToken.TryParse(answer.Consistency, out var token))
            {
                _faults.Enqueue($"{member}: a {what} was answered {answer.Status} {answer.Text}");
                return false;
            }
            var version = what == "balance" ? answer.Number("version") : token.Version;
            if (version < seen)
            {
                _faults.Enqueue($"{member}: a {what} showed version {version} after {seen}");
            }
            seen = Math.Max(seen, version);
            newest = answer.Consistency;
            return true;
        }
    }

    /// <summary>Everybody at every server once: sessions that a server has not seen yet it cannot vouch for while Redis is away.</summary>
    public async Task MeetAsync()
    {
        foreach (var member in members)
        {
            foreach (var server in servers)
            {
                await member.Through(server).BalanceAsync();
            }
        }
    }

    private static long VersionAfter(System.Text.Json.JsonElement item) =>
        item.GetProperty("balanceAfter").GetProperty("version").GetInt64();

    /// <summary>After all of it, those who bring no token are shown what is committed, everywhere.</summary>
    public async Task AllShowWhatIsCommittedAsync()
    {
        foreach (var member in members)
        {
            var committed = await member.Bank.AskAsync<long>($"SELECT version FROM balances WHERE account_id = '{member.AccountId}'");
            foreach (var server in servers)
            {
                Assert.Equal(committed, (await member.Through(server).BalanceAsync()).Version);
            }
        }
    }
}
