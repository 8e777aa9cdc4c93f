using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Api;

/// <summary>An API server with a real replica for its reports.</summary>
public sealed class ReplicaStatementTests(PrimaryAndReplica pair) : IClassFixture<PrimaryAndReplica>
{
    [Fact]
    public async Task A_statement_comes_from_the_replica_and_never_without_what_its_member_has_seen()
    {
        var database = new TestDatabase(pair.Servers, "quickpay");
        await using var bank = ApiBank.Open(database, ("Postgres:Replicas:Reports", pair.Replica.Address));
        var (kim, lee) = (await bank.JoinAsync(funds: 100_000), await bank.JoinAsync());
        await pair.CaughtUpAsync();
        await Eventually.IsTrueAsync(
            async () =>
            {
                await using var lease = await bank.Service<ReadReplicas>().OpenAsync(ReplicaRole.Reports, default, ApiBank.Cancellation);
                return lease is { IsPrimary: false };
            },
            "the replica is read from"
        );
        await pair.PauseAsync();
        try
        {
            var sent = (await kim.SendsAsync(1_000, to: lee)).ShouldBe(201);

            var stale = await ReadAsync(null);
            Assert.Equal(100_000, Statement.Parse(stale.Text).Closing);
            // What it is of may be sent back, too.
            Assert.Equal(100_000, Statement.Parse((await ReadAsync(stale.Consistency)).Text).Closing);
            var own = await ReadAsync(sent.Consistency);
            Assert.Equal((2, 99_000), (Statement.Parse(own.Text).Entries.Count, Statement.Parse(own.Text).Closing));
        }
        finally
        {
            await pair.ResumeAsync();
        }
        await pair.CaughtUpAsync();
        Assert.Equal(99_000, Statement.Parse((await ReadAsync(null)).Text).Closing);
        await bank.ShouldBalanceAsync();

        async Task<ApiAnswer> ReadAsync(string? token)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, Statement.WholePath(kim));
            if (token is not null)
            {
                request.Headers.Add("QuickPay-Consistency", token);
            }
            return (await kim.SendAsync(request)).ShouldBe(200);
        }
    }
}
