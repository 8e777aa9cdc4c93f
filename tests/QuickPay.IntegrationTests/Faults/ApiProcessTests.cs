using System.Collections.Concurrent;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>One of two API servers is frozen or killed while members send through it. They send again with the same key until they are told.</summary>
public sealed class ApiProcessTests(TestServers servers) : IAsyncLifetime
{
    /// <summary>idle_in_transaction_session_timeout is 2 s; the rest is for a busy machine.</summary>
    private static readonly TimeSpan FreeAgain = TimeSpan.FromSeconds(2 + 8);

    private readonly ConcurrentDictionary<string, Guid> _acknowledged = [];
    private TestDatabase _database = null!;
    private Superuser _superuser = null!;
    private ApiProcess _process = null!;
    private ApiBank _other = null!;
    private ApiMember _kim = null!;
    private ApiMember _lee = null!;
    private Task _sending = Task.CompletedTask;
    private volatile bool _leaving;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _superuser = new Superuser(_database);
        _other = ApiBank.Open(_database);
        (_kim, _lee) = (await _other.JoinAsync(funds: 400_000), await _other.JoinAsync());
        _process = await ApiProcess.StartAsync(servers, _database);
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var other = _other;
        await using var process = _process;
        _leaving = true;
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await other.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_frozen_server_holds_a_hot_account_for_two_seconds_and_neither_loses_nor_doubles_when_it_wakes()
    {
        Start(senders: 8);
        await GoesOnAsync(50);
        await Eventually.IsTrueAsync(FreezesWithTheAccountAsync, "the server is frozen while it has the account");

        var started = TimeProvider.System.GetTimestamp();
        var key = ApiMember.NewKey();
        await Eventually.IsTrueAsync(async () => (await _kim.SendsAsync(1, _lee, key)).Status == 201, "the other server goes on");
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, FreeAgain);

        _process.Thaw();
        await GoesOnAsync(50);
        await LeaveAsync(others: 1);
    }

    [Fact]
    public async Task A_killed_server_has_posted_what_it_said_and_what_it_did_not_say_is_asked_again()
    {
        Start(senders: 16);
        for (var i = 0; i < 2; i++)
        {
            await GoesOnAsync(100);
            await _process.KillAsync();
            await _process.StartAgainAsync();
        }
        await GoesOnAsync(100);
        await LeaveAsync(others: 0);
    }

    /// <summary>Stops the process wherever it is. If it has no transaction open there, it goes on for a while and the next try may do.</summary>
    private async Task<bool> FreezesWithTheAccountAsync()
    {
        _process.Freeze();
        for (var look = 0; look < 10; look++)
        {
            if (await _superuser.CountLanesAsync("state = 'idle in transaction'") > 0)
            {
                return true;
            }
        }
        _process.Thaw();
        await GoesOnAsync(1);
        return false;
    }

    private void Start(int senders) => _sending = Task.WhenAll(Enumerable.Range(0, senders).Select(_ => Task.Run(SendAsync)));

    private async Task SendAsync()
    {
        while (!_leaving)
        {
            var key = ApiMember.NewKey();
            ApiAnswer? answer = null;
            await Eventually.IsTrueAsync(
                async () =>
                {
                    answer = await _process.TrySendAsync(_kim, _lee, key);
                    Assert.True(answer is null or { Status: 201 or 409 or 503 }, answer?.Text);
                    return answer is { Status: 201 };
                },
                "a member is told"
            );
            _acknowledged[key] = answer!.Id;
        }
    }

    private async Task GoesOnAsync(int more)
    {
        var from = _acknowledged.Count;
        await Eventually.IsTrueAsync(
            () => _sending.IsCompleted || _acknowledged.Count - from >= more,
            $"{more} more transfers are acknowledged"
        );
        if (_sending.IsCompleted)
        {
            await _sending;
        }
    }

    private async Task LeaveAsync(int others)
    {
        _leaving = true;
        await _sending;
        var ids = _acknowledged.Values.ToHashSet();
        Assert.Equal(_acknowledged.Count, ids.Count);
        // Not by a read, which has seen nothing and may be shown a cached balance: a server that was frozen does not write to the cache for a while.
        Assert.Equal(
            _acknowledged.Count + others,
            await _other.AskAsync<long>($"SELECT balance FROM balances WHERE account_id = '{_lee.AccountId}'")
        );
        Assert.Equal(
            _acknowledged.Count,
            await _other.AskAsync<long>($"SELECT count(*) FROM transfers WHERE id IN ({string.Join(',', ids.Select(id => $"'{id}'"))})")
        );
    }
}
