using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Statistics;
using QuickPay.Worker.Statistics;

namespace QuickPay.IntegrationTests.Statistics;

/// <summary>The worker sums up by one session of its own, in which nothing is prepared: what is, gets one plan for all hours after a while.</summary>
public sealed class RollUpPoolTests(TestServers servers) : StatisticsTests(servers)
{
    [Fact]
    public async Task Each_hour_and_account_is_planned_for_itself()
    {
        var traffic = await PastTraffic.BeginAsync(Bank, Database);
        await traffic.GoesOnAsync(50);
        await traffic.MoveAsync(LedgerDay.StartOf(ThisMonth).AddHours(-36), TimeSpan.FromHours(12));
        await Bank.ExecuteAsync("INSERT INTO statistics_accounts SELECT account_id, 0 FROM balances WHERE version > 0");
        var worker = Database.Worker;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Postgres:Hosts"] = worker.Hosts,
                    ["Postgres:Database"] = worker.Database,
                    ["Postgres:Username"] = worker.Username,
                    ["Postgres:Password"] = worker.Password,
                    ["Postgres:RootCertificate"] = worker.RootCertificate,
                }
            )
            .Build();
        await using var services = new ServiceCollection().AddLedger(configuration).AddRollUps().BuildServiceProvider();

        var closed = await services.GetRequiredService<HourRollUp>().CloseAsync(LedgerDay.StartOf(ThisMonth), Cancellation);
        var behind = await services.GetRequiredService<AccountRollUp>().RunAsync(1, Cancellation);

        // Both more often than PostgreSQL wants to see a prepared statement before it makes a plan for all.
        Assert.InRange(closed.Hours, 12, 100);
        Assert.InRange(behind, 6, 100);
        await using var pool = services.GetRequiredService<RollUpPool>().Source;
        Assert.Equal(0, await pool.AskAsync<long>("SELECT count(*) FROM pg_prepared_statements"));
        // That was the session which had done it: there is no other.
        Assert.Equal(
            1,
            await new Superuser(Database).AskAsync<long>(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'quickpay roll-up'"
            )
        );
    }
}
