using System.Text.Json;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary>An API server with a real replica for statistics.</summary>
public sealed class ReplicaStatisticsTests(PrimaryAndReplica pair) : IClassFixture<PrimaryAndReplica>
{
    [Fact]
    public async Task A_month_comes_from_the_replica_and_never_without_what_its_member_has_seen()
    {
        var database = new TestDatabase(pair.Servers, "quickpay");
        await using var bank = ApiBank.Open(database, ("Postgres:Replicas:Statistics", pair.Replica.Address));
        var (kim, lee) = (await bank.JoinAsync(funds: 100_000), await bank.JoinAsync());
        await pair.CaughtUpAsync();
        await Eventually.IsTrueAsync(
            async () =>
            {
                await using var lease = await bank.Service<ReadReplicas>().OpenAsync(ReplicaRole.Statistics, default, ApiBank.Cancellation);
                return lease is { IsPrimary: false };
            },
            "the replica is read from"
        );
        await pair.PauseAsync();
        try
        {
            var sent = (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);

            Assert.Equal(0, await SentInMonthAsync(null));
            Assert.Equal(1_000, await SentInMonthAsync(sent.Consistency));
        }
        finally
        {
            await pair.ResumeAsync();
        }
        await pair.CaughtUpAsync();
        Assert.Equal(1_000, await SentInMonthAsync(null));
        await bank.ShouldBalanceAsync();

        async Task<long> SentInMonthAsync(string? token)
        {
            var month = LedgerDay.Of(TimeProvider.System.GetUtcNow().UtcDateTime);
            var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/statistics/me?month={month:yyyy-MM}");
            if (token is not null)
            {
                request.Headers.Add("QuickPay-Consistency", token);
            }
            var answer = (await kim.SendAsync(request)).ShouldBe(200);
            return JsonDocument
                .Parse(answer.Text)
                .RootElement.GetProperty("accounts")[0]
                .GetProperty("out")
                .GetProperty("amount")
                .GetInt64();
        }
    }
}
