using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>
/// The built programs of both regions, each with exactly what its template tells it: the second region's beside a real replica, before and after somebody
/// promotes that. One Redis stands for both regions' (sessions are each its own, which `SecondRegionTests` sees to).
/// </summary>
[Collection(nameof(AwsTemplates))]
public sealed class SecondRegionOnAwsTests(AwsTemplates templates, PrimaryAndReplica pair) : IClassFixture<PrimaryAndReplica>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Servers_there_are_ready_and_read_beside_the_replica_and_do_everything_once_it_is_promoted()
    {
        await HostOnAws.LetInAsync(pair.Servers);
        await using var here = await StartAsync("Api", elsewhere: false);
        await using var there = await StartAsync("Api", elsewhere: true);
        await here.ReadyAsync();
        await there.ReadyAsync();
        using var first = new Member(here);
        using var second = new Member(there);
        Assert.Equal(HttpStatusCode.Created, await first.JoinAsync());
        await pair.CaughtUpAsync();

        await second.LogInAsync(first.Phone);
        Assert.Equal(0, await second.BalanceAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await second.JoinAsync());

        await pair.Primary.KillAsync();
        Assert.True(await PrimaryAndReplica.AskAsync<bool>(pair.Replica, "SELECT pg_promote()"));
        await Eventually.IsTrueAsync(
            async () => await second.JoinAsync() == HttpStatusCode.Created,
            "the servers there take members once the replica is a primary"
        );
        await second.LogInAsync(second.Phone);
        Assert.Equal(0, await second.BalanceAsync());
        // The promotion's last step starts them: not before, since they have nothing to do beside a standby.
        await using var worker = await StartAsync("Worker", elsewhere: true);
        await worker.ReadyAsync();
        await using var books = Npgsql.NpgsqlDataSource.Create(pair.Replica.SuperuserConnectionString("quickpay"));
        await Books.ShouldBalanceAsync(books);
    }

    private Task<HostOnAws> StartAsync(string kind, bool elsewhere)
    {
        var template = TemplateEnvironment.Of(templates.Prod, kind, elsewhere);
        return HostOnAws.StartAsync(
            template.Host,
            HostOnAws.Fill(template, pair.Servers, elsewhere ? pair.Replica : pair.Primary),
            pair.Servers
        );
    }

    private sealed class Member(HostOnAws host) : IDisposable
    {
        private readonly HttpClient _http = new() { BaseAddress = host.Url };

        public string Phone { get; } = ApiBank.NewPhone();

        public void Dispose() => _http.Dispose();

        public async Task<HttpStatusCode> JoinAsync()
        {
            using var joined = await _http.PostAsJsonAsync(
                "/v1/members",
                new
                {
                    phone = Phone,
                    name = "김민수",
                    password = ApiMember.Password,
                    pin = ApiMember.Pin,
                },
                Cancellation
            );
            return joined.StatusCode;
        }

        public async Task LogInAsync(string phone)
        {
            using var answer = await _http.PostAsJsonAsync("/v1/sessions", new { phone, password = ApiMember.Password }, Cancellation);
            Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Cancellation) + host.Log);
            var session = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer",
                session.GetProperty("accessToken").GetString()
            );
        }

        public async Task<long> BalanceAsync()
        {
            var accounts = await _http.GetFromJsonAsync<JsonElement>("/v1/accounts", Cancellation);
            var account = accounts.GetProperty("items")[0].GetProperty("id").GetString();
            var balance = await _http.GetFromJsonAsync<JsonElement>($"/v1/accounts/{account}/balance", Cancellation);
            return balance.GetProperty("balance").GetInt64();
        }
    }
}
