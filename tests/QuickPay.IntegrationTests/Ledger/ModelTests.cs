using System.Collections.Concurrent;
using CsCheck;
using Npgsql;
using QuickPay.Accounts;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Transfers;

namespace QuickPay.IntegrationTests.Ledger;

/// <summary>
/// Random operations on the real ledger and on <see cref="LedgerModel"/>. A failure prints CsCheck's seed and the smallest plan that
/// fails; CsCheck_Seed=… in the environment plays it again.
/// </summary>
public sealed class ModelTests(TestServers servers, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Wallets = 4;
    private const int Clients = 6;
    private static readonly TransferLimits Limits = new()
    {
        // The day's limit is out of the way: a run may cross midnight in Seoul.
        Verified = new TierLimits(PerTransfer: 5_000, PerDay: 1_000_000_000_000, WalletCap: 20_000),
    };

    private TestDatabase _database = null!;
    private LedgerBank _bank = null!;
    private PostingEngine[] _servers = [];
    private long _keys;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator, limits: Limits);
        _servers = [_bank.Engine, await _bank.AddEngineAsync()];
    }

    public async ValueTask DisposeAsync()
    {
        await _bank.ShouldBalanceAsync();
        await _bank.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public Task One_client_is_answered_exactly_as_by_the_model() => PlayAloneAsync(seconds: 6);

    [Fact]
    public Task Many_clients_on_two_servers_leave_what_the_model_makes_of_their_rows() => PlayTogetherAsync(seconds: 7);

    [Fact]
    [Trait("Category", "slow")]
    public Task One_client_is_answered_exactly_as_by_the_model_for_long() => PlayAloneAsync(seconds: 120);

    [Fact]
    [Trait("Category", "slow")]
    public Task Many_clients_on_two_servers_leave_what_the_model_makes_of_their_rows_for_long() => PlayTogetherAsync(seconds: 180);

    private Task PlayAloneAsync(int seconds) =>
        Operation
            .Any.Array[1, 40]
            .SampleAsync(
                async operations =>
                {
                    var story = await OpenStoryAsync();
                    foreach (var operation in operations)
                    {
                        var asked = story.Ask(operation);
                        var outcome = await _servers[0].PostAsync(asked);
                        var row = outcome.Transfer;
                        var actual = new ModelAnswer(
                            outcome.Status,
                            outcome.Refusal,
                            row?.Debit ?? default,
                            row?.Credit ?? default,
                            outcome.Replayed
                        );
                        Assert.Equal(story.Model.Post(asked, row?.Id ?? Guid.Empty), actual);
                        story.Remember(asked, outcome);
                    }
                    await ShouldBeAsync(story);
                },
                output.WriteLine,
                time: seconds,
                threads: 1,
                print: operations => string.Join(Environment.NewLine, operations.Prepend<object>(""))
            );

    private Task PlayTogetherAsync(int seconds) =>
        Operation
            .Any.Array[1, 25]
            .Array[Clients]
            .SampleAsync(
                async plans =>
                {
                    var story = await OpenStoryAsync();

                    await Task.WhenAll(plans.Select((plan, n) => PlayAsync(story, plan, _servers[n % _servers.Length])));

                    await ShouldAnswerAlikeAsync(story);
                    await ShouldBeWhatTheModelMakesOfItAsync(story);
                },
                output.WriteLine,
                time: seconds,
                threads: 1,
                print: plans =>
                    string.Join(
                        Environment.NewLine,
                        plans.SelectMany((plan, n) => plan.Select(operation => $"{n}: {operation}")).Prepend("")
                    )
            );

    private static async Task PlayAsync(Story story, Operation[] plan, PostingEngine server)
    {
        foreach (var operation in plan)
        {
            var asked = story.Ask(operation);
            var outcome = await server.PostAsync(asked);
            Assert.True(
                outcome.Status is PostingStatus.Posted or PostingStatus.Refused or PostingStatus.KeyReused or PostingStatus.KeyInProgress,
                $"{outcome.Status}"
            );
            story.Remember(asked, outcome);
        }
    }

    /// <summary>Whatever was asked before is asked once more: all answers to one request are one, and one body at most has a key.</summary>
    private async Task ShouldAnswerAlikeAsync(Story story)
    {
        var asked = story.Answers.Select(answer => answer.Asked).DistinctBy(request => (request.KeyDigest, request.RequestDigest)).ToList();
        var again = await Task.WhenAll(asked.Select(_servers[0].PostAsync));
        foreach (var (request, last) in asked.Zip(again))
        {
            story.Remember(request, last);
        }
        foreach (var ofKey in story.Answers.GroupBy(answer => answer.Asked.KeyDigest))
        {
            var settled = ofKey.Where(answer => answer.Outcome.Status != PostingStatus.KeyInProgress).ToList();
            var kept = settled.Where(answer => answer.Outcome.Status != PostingStatus.KeyReused).ToList();
            Assert.Single(
                kept.Select(answer => (answer.Asked.RequestDigest, answer.Outcome.Status, answer.Outcome.Refusal, answer.Outcome.Transfer))
                    .Distinct()
            );
            Assert.DoesNotContain(kept[0].Asked.RequestDigest, settled.Except(kept).Select(answer => answer.Asked.RequestDigest));
            Assert.InRange(kept.Count(answer => !answer.Outcome.Replayed), 0, 1);
        }
    }

    /// <summary>The rows are exactly the acknowledged ones, and in the order of the accounts' versions the model accepts each with the same result.</summary>
    private async Task ShouldBeWhatTheModelMakesOfItAsync(Story story)
    {
        var posted = story
            .Answers.Where(answer => answer.Outcome.Status == PostingStatus.Posted)
            .DistinctBy(answer => answer.Outcome.Transfer!.Id)
            .ToList();
        var rows = await ReadRowsAsync(story);
        Assert.Equal(posted.Select(answer => answer.Outcome.Transfer!).OrderBy(row => row.Id), rows.OrderBy(row => row.Id));

        var waiting = posted.ToList();
        while (waiting.Count > 0)
        {
            var next = waiting.Find(answer => IsNext(story.Model, answer.Outcome.Transfer!));
            Assert.True(next.Outcome is not null, "The versions of the accounts are no order.");
            waiting.Remove(next);
            var row = next.Outcome.Transfer!;
            Assert.Equal(new ModelAnswer(PostingStatus.Posted, default, row.Debit, row.Credit), story.Model.Post(next.Asked, row.Id));
        }
        await ShouldBeAsync(story);
    }

    private static bool IsNext(LedgerModel model, Transfer row) =>
        model.Accounts[row.DebitAccount].Side.Version + 1 == row.Debit.Version
        && (row.Credit.Version == 0 || model.Accounts[row.CreditAccount].Side.Version + 1 == row.Credit.Version);

    private async Task ShouldBeAsync(Story story)
    {
        foreach (var (account, (_, side)) in await ReadAccountsAsync([.. story.Model.Accounts.Keys]))
        {
            Assert.Equal(story.Model.Accounts[account].Side, side);
        }
    }

    /// <summary>New wallets beside the house's accounts, which are as the stories before left them.</summary>
    private async Task<Story> OpenStoryAsync()
    {
        var wallets = await Task.WhenAll(Enumerable.Range(0, Wallets).Select(_ => _bank.OpenWalletAsync()));
        var model = new LedgerModel(Limits.Verified, TimeProvider.System.GetUtcNow().UtcDateTime);
        var house = Enumerable
            .Range(0, HouseAccounts.Shards)
            .Select(shard => HouseAccounts.Of(HousePurpose.CashIn, wallets[0].Currency, shard));
        foreach (var (account, found) in await ReadAccountsAsync([.. house, .. wallets.Select(wallet => wallet.Id)]))
        {
            model.Accounts.Add(account, found);
        }
        return new Story(wallets, model, () => Interlocked.Increment(ref _keys));
    }

    private async Task<List<(Guid Id, (Guid Owner, SideAfter Side) Found)>> ReadAccountsAsync(Guid[] ids)
    {
        await using var command = _bank.Owner.CreateCommand(
            "SELECT account_id, owner_id, balance, held, version FROM balances WHERE account_id = ANY($1)"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<(Guid, (Guid, SideAfter))>();
        while (await reader.ReadAsync())
        {
            found.Add((reader.GetGuid(0), (reader.GetGuid(1), new SideAfter(reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4)))));
        }
        Assert.Equal(ids.Length, found.Count);
        return found;
    }

    private async Task<List<Transfer>> ReadRowsAsync(Story story)
    {
        await using var command = _bank.Owner.CreateCommand(
            """
            SELECT id, kind, debit_account, credit_account, link, amount, currency, debit_balance, debit_held, debit_version,
                   credit_balance, credit_held, credit_version, created_at, expires_at, memo
            FROM transfers WHERE debit_account = ANY($1) OR credit_account = ANY($1)
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. story.Wallets.Select(wallet => wallet.Id)] });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Transfer>();
        while (await reader.ReadAsync())
        {
            rows.Add(TransferReader.ReadTransfer(reader, 0));
        }
        return rows;
    }
}
