using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Ledger;
using QuickPay.Postgres;

namespace QuickPay.IntegrationTests.Postgres;

/// <summary>An API server's connections: how many, how they are secured, and whom they trust.</summary>
public sealed class ConnectionTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private const int ConnectionsMax = 20;

    private const string Sessions = """
        SELECT count(*) FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
        WHERE a.datname = current_database() AND a.usename IN ('qp_api', 'qp_stats')
        """;

    [Fact]
    public async Task Under_load_a_server_has_at_most_20_connections_all_of_them_over_tls()
    {
        var (kim, lee) = (await Bank.JoinAsync(funds: 400_000), await Bank.JoinAsync());
        var superuser = new Superuser(Bank.Database);
        var load = Task.WhenAll(
            Enumerable
                .Range(0, 600)
                .Select(i =>
                    (i % 5) switch
                    {
                        0 => kim.SendsAsync(1, to: lee),
                        1 => kim.ReadsHistoryAsync(),
                        2 => kim.GetAsync("/v1/accounts"),
                        3 => kim.GetAsync("/v1/statistics/me?month=2026-11"),
                        _ => lee.GetAsync($"/v1/accounts/{lee.AccountId}/balance"),
                    }
                )
        );
        long most = 0;
        do
        {
            most = Math.Max(most, await superuser.AskAsync<long>(Sessions));
            Assert.Equal(0, await superuser.AskAsync<long>($"{Sessions} AND NOT (s.ssl AND s.version = 'TLSv1.3')"));
        } while (!load.IsCompleted);
        // Of statistics one is read at a time, and others are soon told to come back.
        Assert.All(await load, answer => Assert.True(answer.Status is 200 or 201 or 503, answer.Text));
        most = Math.Max(most, await superuser.AskAsync<long>(Sessions));
        Assert.InRange(most, 3, ConnectionsMax);
    }

    [Fact]
    public void Both_pools_together_keep_to_the_limit_and_wait_2_s_for_a_connection_and_keep_idle_ones_30_s()
    {
        var reading = new NpgsqlConnectionStringBuilder(Bank.Service<NpgsqlDataSource>().ConnectionString);
        var options = Bank.Service<IOptions<PostgresOptions>>().Value;
        var needed = PostingEngine.ConnectionsNeeded(Bank.Service<IOptions<PostingOptions>>().Value);
        using var source = DataSources.ForPosting(options, needed);
        var posting = new NpgsqlConnectionStringBuilder(source.ConnectionString);

        var statistics = Bank.Service<ReadReplicas>()
            .ToPrimary.Select(pool => new NpgsqlConnectionStringBuilder(pool.ConnectionString))
            .ToList();
        Assert.Equal(ConnectionsMax, reading.MaxPoolSize + posting.MaxPoolSize + statistics.Sum(pool => pool.MaxPoolSize));
        foreach (var pool in statistics.Concat([reading, posting]))
        {
            Assert.Equal((2, 30, SslMode.VerifyFull), (pool.Timeout, pool.ConnectionIdleLifetime, pool.SslMode));
            Assert.Equal(options.RootCertificate, pool.RootCertificate);
        }
    }

    [Theory]
    [InlineData("Postgres:ConnectionsMax", "21")]
    [InlineData("Postgres:ConnectionsMax", "4")]
    [InlineData("Postgres:RootCertificate", "/nowhere/ca.crt")]
    [InlineData("Postgres:Password", "")]
    [InlineData("Postgres:PasswordFile", "/nowhere/passwords")]
    [InlineData("Postgres:Replicas:StatisticsPassword", "")]
    [InlineData("Redis:Password", "")]
    [InlineData("Redis:PasswordFile", "/nowhere/password")]
    [InlineData("Redis:RootCertificate", "/nowhere/ca.crt")]
    [InlineData("Api:DrainNoticeMs", "-1")]
    public void A_server_with_wrong_settings_does_not_start(string setting, string value)
    {
        // The test host may ask for the services of the server just when that gives up its start; then it is asked once more.
        var failure = Enumerable
            .Range(0, 10)
            .Select(_ => Record.Exception(() => ApiBank.Open(Bank.Database, (setting, value))))
            .First(exception => exception is not ObjectDisposedException);
        Assert.IsType<OptionsValidationException>(failure);
        Assert.Contains(setting.Split(':')[1], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_shown_a_forged_certificate_serves_nothing()
    {
        var (kim, lee) = await CoupleAsync();
        var forged = DataFolder.Temporary("forged");
        try
        {
            var authority = Certificates.LoadOrCreate(forged.Tls, TimeProvider.System).RootCertificateFile;
            await using (var bank = ApiBank.Open(Bank.Database, ("Postgres:RootCertificate", authority), ("Posting:DeadlineMs", "500")))
            {
                Assert.Equal(503, (await bank.GetAsync("/health/ready")).Status);
                (await kim.Through(bank).GetAsync("/v1/accounts")).ShouldBeProblem(503, "unavailable_retry");
                Assert.NotNull((await kim.Through(bank).SendsAsync(1, to: lee)).ShouldBe(503).RetryAfter);
            }
            await using (var bank = ApiBank.Open(Bank.Database, ("Redis:RootCertificate", authority)))
            {
                (await kim.Through(bank).GetAsync("/v1/accounts")).ShouldBeProblem(503, "unavailable_retry");
            }
        }
        finally
        {
            forged.Delete();
        }
    }

    [Fact]
    public async Task Redis_answers_nobody_who_speaks_plainly()
    {
        var endpoint = Bank.Database.Redis.Endpoints.Split(':');
        using var socket = new TcpClient();
        await socket.ConnectAsync(endpoint[0], int.Parse(endpoint[1], System.Globalization.CultureInfo.InvariantCulture), Cancellation);
        await using var stream = socket.GetStream();
        await stream.WriteAsync("PING\r\n"u8.ToArray(), Cancellation);
        var answer = new byte[64];
        var read = 0;
        try
        {
            read = await stream.ReadAsync(answer, Cancellation);
        }
        catch (IOException)
        {
            // Cut: as good as silence.
        }
        Assert.DoesNotContain("PONG", System.Text.Encoding.ASCII.GetString(answer, 0, read), StringComparison.Ordinal);
    }
}
