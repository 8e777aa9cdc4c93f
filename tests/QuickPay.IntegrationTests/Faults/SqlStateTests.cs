using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>Errors of the database by their SQLSTATE: whose request fails, and how, and that its neighbours in the same batch do not.</summary>
public sealed class SqlStateTests(TestServers servers) : IAsyncLifetime
{
    private const int Neighbours = 1_000;
    private const string BadMemo = "bad";

    private TestDatabase _database = null!;
    private LedgerBank _bank = null!;
    private Wallet _kim = null!;
    private Wallet _lee = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _bank = await LedgerBank.OpenAsync(_database.Api, _database.Migrator);
        _kim = await _bank.OpenWalletAsync(1_000_000);
        _lee = await _bank.OpenWalletAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await using var database = _database;
        await using var bank = _bank;
        await bank.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_key_that_is_locked_elsewhere_is_in_progress_and_its_neighbours_are_posted()
    {
        var request = _kim.Send(7, _lee.Id);
        await using var other = await _bank.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var holding = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await other.DoAsync($"INSERT INTO idempotency_keys VALUES ('{request.KeyDigest}', '{request.RequestDigest}', gen_random_uuid())");

        var (answer, neighbours) = await PostInOneBatchAsync(request);

        Assert.Equal(PostingStatus.KeyInProgress, (await answer).Status);
        Assert.All(neighbours, neighbour => Assert.Equal(PostingStatus.Posted, neighbour.Status));
        await holding.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.Equal(PostingStatus.Posted, (await _bank.Engine.PostAsync(request)).Status);
    }

    [Fact]
    public async Task An_account_that_is_locked_elsewhere_is_unavailable_and_its_neighbours_are_posted()
    {
        var park = await _bank.OpenWalletAsync(1_000);
        await using var other = await _bank.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var holding = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await other.DoAsync($"SELECT FROM balances WHERE account_id = '{park.Id}' FOR UPDATE");
        var request = park.Send(7, _lee.Id);

        var (answer, neighbours) = await PostInOneBatchAsync(request);

        Assert.Equal(PostingStatus.Unavailable, (await answer).Status);
        Assert.All(neighbours, neighbour => Assert.Equal(PostingStatus.Posted, neighbour.Status));
        Assert.Equal(0, await CountKeysAsync(request));
        await holding.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.Equal(PostingStatus.Posted, (await _bank.Engine.PostAsync(request)).Status);
    }

    [Fact]
    public async Task Many_requests_for_a_locked_account_do_not_keep_up_the_others()
    {
        var park = await _bank.OpenWalletAsync(1_000);
        await using var other = await _bank.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var holding = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await other.DoAsync($"SELECT FROM balances WHERE account_id = '{park.Id}' FOR UPDATE");
        var engine = await _bank.AddEngineAsync(new PostingOptions { Lanes = 1 }, start: false);

        var stuck = Enumerable.Range(0, 300).Select(_ => engine.PostAsync(park.Send(1, _lee.Id))).ToList();
        var others = Enumerable.Range(0, 300).Select(_ => engine.PostAsync(_kim.Send(1, _lee.Id))).ToList();
        await engine.StartAsync(CancellationToken.None);

        Assert.All(await Task.WhenAll(others), answer => Assert.Equal(PostingStatus.Posted, answer.Status));
        Assert.All(await Task.WhenAll(stuck), answer => Assert.Equal(PostingStatus.Unavailable, answer.Status));
        Assert.Equal(300, (await _bank.BalanceAsync(_lee)).Balance);
    }

    [Fact]
    public async Task A_lock_timeout_on_a_session_that_is_just_preparing_its_statements_spoils_nothing_after_it()
    {
        var park = await _bank.OpenWalletAsync(1_000);
        var engine = await _bank.AddEngineAsync(new PostingOptions { Lanes = 1 });
        // The second use of a statement prepares it: the driver must not take those behind the failed one for prepared.
        Assert.Equal(PostingStatus.Posted, (await engine.PostAsync(park.Send(1, _lee.Id))).Status);
        await using var other = await _bank.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var holding = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await other.DoAsync($"SELECT FROM balances WHERE account_id = '{park.Id}' FOR UPDATE");

        Assert.Equal(PostingStatus.Unavailable, (await engine.PostAsync(park.Send(1, _lee.Id))).Status);

        await holding.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.Equal(PostingStatus.Posted, (await engine.PostAsync(park.Send(1, _lee.Id))).Status);
        Assert.Equal(PostingStatus.Posted, (await engine.PostAsync(park.Send(1, _lee.Id))).Status);
    }

    [Fact]
    public async Task A_key_that_expires_while_it_is_replayed_fails_nobody()
    {
        var park = await _bank.OpenWalletAsync(1_000);
        var old = park.Send(7, _lee.Id);
        Assert.Equal(PostingStatus.Posted, (await _bank.Engine.PostAsync(old)).Status);
        await using var other = await _bank.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var holding = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await other.DoAsync($"SELECT FROM balances WHERE account_id = '{park.Id}' FOR UPDATE");

        // The replay has met the key, and waits for the account before it reads what became of it.
        var replay = _bank.Engine.PostAsync(old);
        await Eventually.IsTrueAsync(
            async () => await new Superuser(_database).CountLanesAsync("wait_event_type = 'Lock'") > 0,
            "the lane waits for the account"
        );
        await _bank.ExecuteAsync($"DELETE FROM idempotency_keys WHERE key_digest = '{old.KeyDigest}'");
        await holding.RollbackAsync(TestContext.Current.CancellationToken);

        // Forgotten keys are new ones.
        Assert.Equal((PostingStatus.Posted, false), ((await replay).Status, (await replay).Replayed));
        Assert.Equal(14, (await _bank.BalanceAsync(_lee)).Balance);
    }

    [Theory]
    [InlineData("53100")] // disk_full
    [InlineData("53200")] // out_of_memory
    [InlineData("58030")] // io_error
    public async Task No_room_is_unavailable_moves_nothing_and_passes(string sqlState)
    {
        await RaiseOnBadMemoAsync(sqlState);
        var request = _kim.Send(7, _lee.Id, memo: BadMemo);

        Assert.Equal(PostingStatus.Unavailable, (await _bank.Engine.PostAsync(request)).Status);
        Assert.Equal(0, await CountKeysAsync(request));
        Assert.Equal(0, (await _bank.BalanceAsync(_lee)).Balance);

        await _bank.ExecuteAsync("DROP TRIGGER raise_on_bad_memo ON transfers");
        Assert.Equal(PostingStatus.Posted, (await _bank.Engine.PostAsync(request)).Status);
    }

    [Theory]
    [InlineData("22000")] // data_exception
    [InlineData("42501")] // insufficient_privilege
    [InlineData("P0001")] // raise_exception
    public async Task A_data_error_fails_its_own_request_only(string sqlState)
    {
        await RaiseOnBadMemoAsync(sqlState);
        var request = _kim.Send(7, _lee.Id, memo: BadMemo);

        var (answer, neighbours) = await PostInOneBatchAsync(request);

        Assert.Equal(sqlState, (await Assert.ThrowsAsync<PostgresException>(() => answer)).SqlState);
        Assert.All(neighbours, neighbour => Assert.Equal(PostingStatus.Posted, neighbour.Status));
        Assert.Equal(0, await CountKeysAsync(request));
    }

    [Fact]
    public async Task A_row_that_a_constraint_refuses_fails_its_own_request_only()
    {
        await _bank.ExecuteAsync($"ALTER TABLE transfers ADD CONSTRAINT no_bad_memo CHECK (memo <> '{BadMemo}')");
        var request = _kim.Send(7, _lee.Id, memo: BadMemo);

        var (answer, neighbours) = await PostInOneBatchAsync(request);

        Assert.Equal(PostgresErrorCodes.CheckViolation, (await Assert.ThrowsAsync<PostgresException>(() => answer)).SqlState);
        Assert.All(neighbours, neighbour => Assert.Equal(PostingStatus.Posted, neighbour.Status));
        Assert.Equal(0, await CountKeysAsync(request));
    }

    [Fact]
    public async Task A_database_that_fails_inside_itself_is_tried_again()
    {
        // Fails the first two attempts: a sequence is not rolled back with its transaction.
        await _bank.ExecuteAsync("CREATE SEQUENCE attempts");
        await _bank.ExecuteAsync("GRANT USAGE ON SEQUENCE attempts TO qp_api");
        await RaiseOnBadMemoAsync("XX000", "AND nextval('attempts') <= 2");

        Assert.Equal(PostingStatus.Posted, (await _bank.Engine.PostAsync(_kim.Send(7, _lee.Id, memo: BadMemo))).Status);
    }

    [Theory]
    [InlineData("40001")] // serialization_failure
    [InlineData("40P01")] // deadlock_detected
    public async Task Contention_is_tried_again(string sqlState)
    {
        await _bank.ExecuteAsync("CREATE SEQUENCE attempts");
        await _bank.ExecuteAsync("GRANT USAGE ON SEQUENCE attempts TO qp_api");
        await RaiseOnBadMemoAsync(sqlState, "AND nextval('attempts') <= 2");

        Assert.Equal(PostingStatus.Posted, (await _bank.Engine.PostAsync(_kim.Send(7, _lee.Id, memo: BadMemo))).Status);
    }

    /// <summary>The request in the middle of a batch of many.</summary>
    private async Task<(Task<PostingOutcome> Answer, PostingOutcome[] Neighbours)> PostInOneBatchAsync(PostingRequest request)
    {
        var engine = await _bank.AddEngineAsync(new PostingOptions { Lanes = 1 }, start: false);
        var neighbours = Enumerable.Range(0, Neighbours / 2).Select(_ => engine.PostAsync(_kim.Send(1, _lee.Id))).ToList();
        var answer = engine.PostAsync(request);
        neighbours.AddRange(Enumerable.Range(0, Neighbours / 2).Select(_ => engine.PostAsync(_kim.Send(1, _lee.Id))));
        await engine.StartAsync(CancellationToken.None);
        return (answer, await Task.WhenAll(neighbours));
    }

    private async Task RaiseOnBadMemoAsync(string sqlState, string condition = "")
    {
        await _bank.ExecuteAsync(
            $"""
            CREATE FUNCTION raise_on_bad_memo() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.memo = '{BadMemo}' {condition} THEN RAISE EXCEPTION 'as the test wants' USING ERRCODE = '{sqlState}'; END IF;
                RETURN NEW;
            END $$
            """
        );
        await _bank.ExecuteAsync(
            "CREATE TRIGGER raise_on_bad_memo BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION raise_on_bad_memo()"
        );
    }

    private Task<long> CountKeysAsync(PostingRequest request) =>
        _bank.CountAsync($"SELECT count(*) FROM idempotency_keys WHERE key_digest = '{request.KeyDigest}'");
}
