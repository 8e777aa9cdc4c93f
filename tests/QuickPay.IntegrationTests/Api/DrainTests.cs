using System.Collections.Concurrent;
using System.Net;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>
/// A real API process is told to stop while money moves: it says so before it stops listening, answers all it has taken, and ends well.
/// </summary>
public sealed class DrainTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private const int Senders = 16;
    private readonly ConcurrentBag<ApiAnswer> _answers = [];
    private volatile bool _noticed;

    [Fact]
    public async Task Told_to_stop_it_is_not_ready_at_once_answers_everybody_and_ends_with_0()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 400_000), await Bank.JoinAsync());
        var (park, choi) = (await Bank.JoinAsync(funds: 1_000), await Bank.JoinAsync());
        var superuser = new Superuser(Bank.Database);
        // However slow the machine, the one that waits below is not given up.
        await superuser.DoAsync($"ALTER ROLE qp_api IN DATABASE {Bank.Database.Name} SET lock_timeout = '4s'");
        var api = await StartAsync();
        try
        {
            using var client = NewClient(api);
            // One transfer waits for a row that somebody else has locked, from before the signal until after the notice.
            await using var locker = await Bank.Owner.OpenConnectionAsync(Cancellation);
            await using var transaction = await locker.BeginTransactionAsync(Cancellation);
            await using var take = new NpgsqlCommand($"SELECT FROM balances WHERE account_id = '{park.AccountId}' FOR UPDATE", locker);

            var sending = Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(() => SendAsync(client, kim, lee))));
            await Eventually.IsTrueAsync(() => _answers.Count >= 100, "100 transfers are answered");
            await take.ExecuteNonQueryAsync(Cancellation);
            var waiting = SendOneAsync(client, park, choi);
            await Eventually.IsTrueAsync(
                async () => await superuser.CountLanesAsync("wait_event_type = 'Lock'") > 0,
                "a transfer waits for the locked row"
            );

            var stopping = api.StopAsync();
            await Eventually.IsTrueAsync(async () => await IsNotReadyAsync(client), "it says that it is not ready");
            _noticed = true;
            await transaction.RollbackAsync(Cancellation);
            await Task.WhenAll(sending, waiting, stopping);

            Assert.All(_answers, answer => answer.ShouldBe(201));
            (await waiting).ShouldBe(201);
            Assert.Equal(0, await api.Process!.Exited);
        }
        finally
        {
            await api.KillAsync();
        }
        Assert.Equal(_answers.Count, await Bank.AskAsync<long>($"SELECT count(*) FROM transfers WHERE debit_account = '{kim.AccountId}'"));
        Assert.Equal(_answers.Count, _answers.Select(answer => answer.Id).Distinct().Count());
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            NewClient(api).GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation)
        );
    }

    /// <summary>As members do through a load balancer: on until it has noticed.</summary>
    private async Task SendAsync(HttpClient client, ApiMember from, ApiMember to)
    {
        while (!_noticed)
        {
            _answers.Add(await SendOneAsync(client, from, to));
        }
    }

    private static async Task<ApiAnswer> SendOneAsync(HttpClient client, ApiMember from, ApiMember to)
    {
        using var request = from.NewTransfer(1, to);
        using var response = await client.SendAsync(request, Cancellation);
        return await ApiAnswer.ReadAsync(request, response, Cancellation);
    }

    private static async Task<bool> IsNotReadyAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
    }

    private async Task<HostServer> StartAsync()
    {
        var url = $"http://127.0.0.1:{Ports.FreeFrom(null)}";
        var api = new HostServer(
            $"api-{Bank.Database.Name}",
            "api",
            "QuickPay.Api",
            Bank.Database.ApiSettings(url, ""),
            Servers.Shared.Data,
            TimeProvider.System
        );
        await api.StartAsync(Cancellation);
        return api;
    }

    private static HttpClient NewClient(HostServer api) =>
        new(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { BaseAddress = new Uri(api.Address) };
}
