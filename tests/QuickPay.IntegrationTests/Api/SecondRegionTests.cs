using System.Net.Http.Headers;
using Npgsql;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Api;

/// <summary>
/// An API server of a second region: its database is a real standby of the first one's, until somebody promotes it. Members talk to either.
/// </summary>
public sealed class SecondRegionTests(PrimaryAndReplica pair) : IClassFixture<PrimaryAndReplica>
{
    [Fact]
    public async Task Members_log_in_and_read_as_of_what_has_come_over_and_nobody_changes_anything()
    {
        await using var first = OpenFirst(pair);
        await using var second = OpenSecond(pair);
        var (kim, lee) = (await first.JoinAsync(funds: 100_000), await first.JoinAsync());
        var sent = (await kim.SendsAsync(30_000, to: lee)).ShouldBe(201);
        await pair.CaughtUpAsync();
        await IsReadyAsync(second);

        var there = kim.Through(second);
        await there.LogsInAsync();
        (await second.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/health/ready"))).ShouldBe(200);
        Assert.Equal(70_000, (await there.BalanceAsync()).Balance);
        (await there.GetAsync("/v1/accounts")).ShouldBe(200);
        (await there.GetAsync("/v1/members/me")).ShouldBe(200);
        (await there.LooksUpAsync(sent.Id)).ShouldBe(200);
        Assert.Equal(2, (await there.ReadsHistoryAsync()).ShouldBe(200)["items"].GetArrayLength());
        Assert.Equal(1, (await there.ReadsHistoryAsync("?limit=1")).ShouldBe(200)["items"].GetArrayLength());
        Assert.Equal(70_000, Statement.Parse((await there.GetAsync(Statement.WholePath(there))).ShouldBe(200).Text).Closing);
        (await there.GetAsync("/v1/sessions")).ShouldBe(200);

        (await there.SendsAsync(1_000, to: lee)).ShouldBeProblem(503, "read_only");
        (await there.HoldsAsync(1_000, to: lee)).ShouldBeProblem(503, "read_only");
        (await there.CancelsAsync(sent.Id)).ShouldBeProblem(503, "read_only");
        (await there.DepositsAsync(1_000)).ShouldBeProblem(503, "read_only");
        (await there.PostAsync("/v1/members", "not even read")).ShouldBeProblem(503, "read_only");
        (await there.PostAsync("/v1/operator/sessions", "{}")).ShouldBeProblem(503, "read_only");
        (await there.PostAsync("/v1/nothing", "{}")).ShouldBeProblem(404, "not_found");
        (await there.DeleteAsync("/v1/sessions/current")).ShouldBe(204);
        (await there.GetAsync("/v1/accounts")).ShouldBeProblem(401, "session_revoked");

        Assert.Equal(70_000, (await kim.BalanceAsync()).Balance);
        await second.ShouldBalanceAsync();
        await first.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Nobody_is_shown_less_than_they_have_seen_in_the_first_region()
    {
        await using var first = OpenFirst(pair);
        await using var second = OpenSecond(pair);
        var (kim, lee) = (await first.JoinAsync(funds: 100_000), await first.JoinAsync());
        await pair.CaughtUpAsync();
        await IsReadyAsync(second);
        await pair.PauseAsync();
        try
        {
            var sent = (await kim.SendsAsync(30_000, to: lee)).ShouldBe(201);
            var there = kim.Through(second);

            // What has not come over is not there for who has not seen it, and is missing for who has.
            var old = (await ReadAsync(there, null)).ShouldBe(200);
            Assert.Equal(100_000, old.Number("balance"));
            (await ReadAsync(there, sent.Consistency)).ShouldBeProblem(503, "unavailable_retry");
            (await ReadAsync(there, sent.Consistency, "/transactions")).ShouldBeProblem(503, "unavailable_retry");
            Assert.True(old["asOf"].GetDateTime() < (await ReadAsync(kim, null)).ShouldBe(200)["asOf"].GetDateTime());

            await pair.ResumeAsync();
            await pair.CaughtUpAsync();
            Assert.Equal(70_000, (await ReadAsync(there, sent.Consistency)).ShouldBe(200).Number("balance"));
        }
        finally
        {
            await pair.ResumeAsync();
        }
        await second.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Wrong_passwords_lock_there_too_and_what_is_locked_here_is_locked_there()
    {
        await using var first = OpenFirst(pair);
        await using var second = OpenSecond(pair);
        var (kim, lee) = (await first.JoinAsync(), await first.JoinAsync());
        for (var i = 0; i < 5; i++)
        {
            (await TryAsync(lee, "wrong")).ShouldBeProblem(401, "unauthenticated");
        }
        await pair.CaughtUpAsync();
        await IsReadyAsync(second);
        var there = kim.Through(second);

        // A right one makes the count start anew.
        for (var i = 0; i < 4; i++)
        {
            (await TryAsync(there, "wrong")).ShouldBeProblem(401, "unauthenticated");
        }
        await there.LogsInAsync();
        for (var i = 0; i < 5; i++)
        {
            (await TryAsync(there, "wrong")).ShouldBeProblem(401, "unauthenticated");
        }
        var locked = (await TryAsync(there, ApiMember.Password)).ShouldBeProblem(429, "login_locked");
        Assert.InRange(int.Parse(locked.Header("Retry-After")!), 30, 60);
        (await TryAsync(lee.Through(second), ApiMember.Password)).ShouldBeProblem(429, "login_locked");
        (await second.SendAsync(LogIn(ApiBank.NewPhone(), "whoever"))).ShouldBeProblem(401, "unauthenticated");
        // And the first region has counted none of it.
        await kim.LogsInAsync();
        await second.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Once_promoted_it_serves_everything_and_knows_what_was_done_before()
    {
        await using var regions = new PrimaryAndReplica();
        await regions.InitializeAsync();
        var first = OpenFirst(regions);
        await using var second = OpenSecond(regions);
        var (kim, lee) = (await first.JoinAsync(funds: 100_000), await first.JoinAsync());
        var key = ApiMember.NewKey();
        var sent = (await kim.SendsAsync(30_000, to: lee, key)).ShouldBe(201);
        await regions.CaughtUpAsync();
        await IsReadyAsync(second);
        var there = kim.Through(second);
        (await there.SendsAsync(30_000, to: lee, key)).ShouldBeProblem(503, "read_only");
        // Where the database belongs to somebody else, they may keep that to themselves: a promotion is heard nevertheless.
        await PrimaryAndReplica.DoAsync(regions.Primary, "REVOKE EXECUTE ON FUNCTION pg_control_checkpoint() FROM PUBLIC", "quickpay");
        await regions.CaughtUpAsync();
        await regions.Primary.KillAsync();
        Assert.Equal(70_000, (await there.BalanceAsync()).Balance);

        Assert.True(await PrimaryAndReplica.AskAsync<bool>(regions.Replica, "SELECT pg_promote()"));
        await Eventually.IsTrueAsync(() => Task.FromResult(!second.Service<StandbyWatch>().IsStandby), "the server knows of its promotion");

        // The same key again, as an app sends it that had no answer: done once, wherever it is asked.
        Assert.Equal(sent.Id, (await there.SendsAsync(30_000, to: lee, key)).ShouldBe(201).Id);
        (await there.SendsAsync(5_000, to: lee)).ShouldBe(201);
        (
            await there.PostAsync(
                "/v1/members",
                new
                {
                    phone = ApiBank.NewPhone(),
                    name = "새 회원",
                    password = ApiMember.Password,
                    pin = ApiMember.Pin,
                }
            )
        ).ShouldBe(201);
        Assert.Equal(65_000, (await there.BalanceAsync()).Balance);
        Assert.Equal(65_000, (await there.BalanceAsync()).Balance);
        Assert.Equal(3, (await there.ReadsHistoryAsync()).ShouldBe(200)["items"].GetArrayLength());
        await using var books = NpgsqlDataSource.Create(regions.Replica.SuperuserConnectionString("quickpay"));
        await Books.ShouldBalanceAsync(books);
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_was_not_told_of_standbys_is_not_ready_beside_one_and_reads_no_balance()
    {
        await using var first = OpenFirst(pair);
        await using var lost = Open(pair, ("Postgres:Hosts", pair.Replica.Address));
        var kim = await first.JoinAsync(funds: 1_000);
        await pair.CaughtUpAsync();
        (await lost.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/health/ready"))).ShouldBe(503);
        // Beside the first region's caches: they know the account.
        await kim.BalanceAsync();
        var answer = await ReadAsync(kim.Through(lost), null);
        Assert.True((int)answer.Status >= 500, $"{answer.Status}");
    }

    private static ApiBank OpenFirst(PrimaryAndReplica pair) => Open(pair, ("Api:DevelopmentDeposits", "true"));

    private static ApiBank OpenSecond(PrimaryAndReplica pair) =>
        Open(pair, ("Postgres:Hosts", pair.Replica.Address), ("Postgres:MayBeStandby", "true"), ("Api:DevelopmentDeposits", "true"));

    private static ApiBank Open(PrimaryAndReplica pair, params (string, string)[] settings) =>
        ApiBank.Open(new TestDatabase(pair.Servers, "quickpay"), settings);

    private static Task IsReadyAsync(ApiBank second) =>
        Eventually.IsTrueAsync(
            () => Task.FromResult(second.Service<StandbyWatch>() is { IsStandby: true, Timeline: > 0 }),
            "it knows where it stands"
        );

    private static Task<ApiAnswer> TryAsync(ApiMember member, string password) => member.Bank.SendAsync(LogIn(member.Phone, password));

    private static HttpRequestMessage LogIn(string phone, string password) =>
        new(HttpMethod.Post, "/v1/sessions") { Content = System.Net.Http.Json.JsonContent.Create(new { phone, password }) };

    private static Task<ApiAnswer> ReadAsync(ApiMember member, string? token, string what = "/balance")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/accounts/{member.AccountId}{what}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", member.AccessToken);
        if (token is not null)
        {
            request.Headers.Add("QuickPay-Consistency", token);
        }
        return member.Bank.SendAsync(request);
    }
}
