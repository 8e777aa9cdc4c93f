using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;
using QuickPay.Telemetry;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Postgres;

/// <summary>
/// Who serves a read: a real replica that streams, or the primary. The clock is the test's: one look is every half second of it, and ends
/// when the lag is told.
/// </summary>
public sealed class ReadReplicasTests(PrimaryAndReplica pair) : IClassFixture<PrimaryAndReplica>, IAsyncLifetime
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(500);
    private readonly FakeTimeProvider _time = new();
    private readonly RecordedLog _log = new();
    private readonly MeterListener _meter = new();
    private readonly Dictionary<string, (int Looks, long Lag)> _told = [];
    private NpgsqlDataSource _primary = null!;
    private ReadReplicas? _replicas;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _primary = DataSources.ForReading(Options(), 10);
        await pair.CaughtUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        if (_replicas is not null)
        {
            await _replicas.StopAsync(CancellationToken.None);
            _replicas.Dispose();
        }
        await _primary.DisposeAsync();
        if (pair.Replica.Process is { Exited.IsCompleted: true })
        {
            await pair.Replica.StartAsync(CancellationToken.None);
        }
        await pair.ResumeAsync();
    }

    [Fact]
    public async Task A_replica_in_step_serves_and_its_sessions_only_read_each_within_its_role_s_time()
    {
        await StartAsync();

        foreach (
            var (role, user, deadline) in new[]
            {
                (ReplicaRole.History, PostgresRoles.Api, "5s"),
                (ReplicaRole.Statistics, PostgresRoles.Statistics, "5s"),
                (ReplicaRole.Reports, PostgresRoles.Api, "1min"),
                (ReplicaRole.Totals, PostgresRoles.Statistics, "5s"),
            }
        )
        {
            await using var lease = await OpenAsync(role);
            Assert.Equal((false, pair.Replica.Port), (lease!.IsPrimary, lease.Connection.Port));
            Assert.Equal(user, await lease.Connection.AskAsync<string>("SELECT current_user::text"));
            Assert.Equal(deadline, await lease.Connection.AskAsync<string>("SHOW statement_timeout"));
            Assert.Equal("on", await lease.Connection.AskAsync<string>("SHOW default_transaction_read_only"));
            Assert.Equal(1u, lease.Timeline);
        }
    }

    [Fact]
    public async Task One_that_is_further_behind_than_its_role_allows_is_not_read_from_until_it_has_caught_up()
    {
        await StartAsync();
        await pair.PauseAsync();
        await pair.WriteAsync();

        await LookAsync(times: 9);
        Assert.True(await IsReplicaAsync(ReplicaRole.History));
        Assert.InRange(_told["history"].Lag, 4_000, 5_000);
        await LookAsync(times: 3);
        Assert.False(await IsReplicaAsync(ReplicaRole.History));
        Assert.True(await IsReplicaAsync(ReplicaRole.Statistics));
        Assert.True(await IsReplicaAsync(ReplicaRole.Reports));
        await LookAsync(times: 60);
        Assert.False(await IsReplicaAsync(ReplicaRole.Statistics));
        Assert.True(await IsReplicaAsync(ReplicaRole.Reports));

        await pair.ResumeAsync();
        await InStepAsync();
        Assert.True(await IsReplicaAsync(ReplicaRole.Statistics));
        // Away and back; on a busy machine perhaps once more on its way, while the clock of this test runs ahead of it.
        var told = _log.Lines.Count(line => line.Id == 1032 && line.Text.Contains("for history", StringComparison.Ordinal));
        Assert.True(told >= 2 && told % 2 == 0, $"told {told} times");
    }

    [Fact]
    public async Task One_that_has_stopped_is_replaced_by_the_primary_at_once_and_read_from_again_when_it_is_back()
    {
        await StartAsync();
        await pair.Replica.StopAsync();

        Assert.False(await IsReplicaAsync(ReplicaRole.History));
        await LookAsync();
        Assert.Equal(-1, _told["reports"].Lag);
        Assert.False(await IsReplicaAsync(ReplicaRole.Reports));

        await pair.Replica.StartAsync(Cancellation);
        await InStepAsync();
        Assert.True(await IsReplicaAsync(ReplicaRole.Reports));
    }

    [Fact]
    public async Task Who_has_seen_more_than_the_replica_has_replayed_reads_from_the_primary()
    {
        await StartAsync();
        await pair.PauseAsync();
        var seen = new LogPosition(1, await pair.WriteAsync());

        Assert.True(await IsReplicaAsync(ReplicaRole.History));
        Assert.False(await IsReplicaAsync(ReplicaRole.History, seen));
        Assert.False(await IsReplicaAsync(ReplicaRole.History, new LogPosition(2, 1)));

        // Without another look: the replica itself is asked.
        await pair.ResumeAsync();
        await pair.CaughtUpAsync();
        Assert.True(await IsReplicaAsync(ReplicaRole.History, seen));
    }

    [Fact]
    public async Task Statistics_that_no_replica_serves_come_from_the_primary_by_their_own_role_one_at_a_time_of_each_kind()
    {
        await StartAsync();
        await pair.PauseAsync();
        var seen = new LogPosition(1, await pair.WriteAsync());

        foreach (var role in new[] { ReplicaRole.Statistics, ReplicaRole.Totals })
        {
            await using var lease = await OpenAsync(role, seen);
            Assert.Equal((true, pair.Primary.Port), (lease!.IsPrimary, lease.Connection.Port));
            Assert.Equal(PostgresRoles.Statistics, await lease.Connection.AskAsync<string>("SELECT current_user::text"));
            Assert.Equal("on", await lease.Connection.AskAsync<string>("SHOW default_transaction_read_only"));
            Assert.Null(await OpenAsync(role, seen));
        }
    }

    [Theory]
    [InlineData("57P01", true)]
    [InlineData("40001", true)]
    [InlineData("58030", true)]
    [InlineData("53200", true)]
    [InlineData("XX001", true)]
    [InlineData("57014", false)]
    [InlineData("42501", false)]
    public void What_is_wrong_with_the_replica_alone_is_asked_of_the_primary(string sqlState, bool isOfReplica) =>
        Assert.Equal(isOfReplica, ReadReplicas.IsOfReplica(new PostgresException("wrong", "ERROR", "ERROR", sqlState)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_every_place_is_taken_the_next_one_is_refused_and_a_busy_replica_is_not_relieved_by_the_primary(bool hasReplica)
    {
        await StartAsync(hasReplica);
        var leases = new List<ReadLease>();
        for (var i = 0; i < 4; i++)
        {
            leases.Add((await OpenAsync(ReplicaRole.History))!);
        }

        Assert.All(leases, lease => Assert.Equal(!hasReplica, lease.IsPrimary));
        Assert.Null(await OpenAsync(ReplicaRole.History));
        Assert.NotNull(await OneAsync(ReplicaRole.Reports));

        await leases[0].DisposeAsync();
        Assert.NotNull(await OneAsync(ReplicaRole.History));
        foreach (var lease in leases.Skip(1))
        {
            await lease.DisposeAsync();
        }

        async Task<ReadLease?> OneAsync(ReplicaRole role)
        {
            await using var lease = await OpenAsync(role);
            return lease;
        }
    }

    [Fact]
    public async Task A_read_that_its_replica_breaks_off_is_done_at_the_primary_and_one_that_takes_too_long_is_not()
    {
        await StartAsync();
        var places = new List<bool>();

        var answer = await ReadAsync("SELECT CASE WHEN pg_is_in_recovery() THEN pg_terminate_backend(pg_backend_pid()) END::text");
        Assert.Equal("", answer);
        Assert.Equal([false, true], places);

        places.Clear();
        var late = await Assert.ThrowsAsync<PostgresException>(() => ReadAsync("SET statement_timeout = 1; SELECT pg_sleep(10)::text"));
        Assert.Equal("57014", late.SqlState);
        Assert.Equal([false], places);

        Task<string?> ReadAsync(string sql) =>
            _replicas!.ReadAsync(
                ReplicaRole.Reports,
                default,
                async lease =>
                {
                    places.Add(lease.IsPrimary);
                    await using var command = new NpgsqlCommand(sql, lease.Connection);
                    return (string?)(await command.ExecuteScalarAsync(Cancellation) is string text ? text : "");
                },
                Cancellation
            );
    }

    /// <summary>As after a failover: what the replica had may be what the new primary lacks, and then it goes no further.</summary>
    [Fact]
    public async Task After_a_change_of_primary_a_replica_is_believed_when_it_moves_and_not_before()
    {
        var log = new PrimaryLog(_time, TimeSpan.FromMinutes(1));
        using var replica = new ReadReplica(
            ReplicaRole.History,
            pair.Replica.Address,
            DataSources.ForReplica(Options(), pair.Replica.Address, "test", 1, 5),
            DataSources.ForAsking(Options(), pair.Replica.Address, "test"),
            places: 1,
            TimeSpan.FromSeconds(5),
            _time,
            _log.Of<ReadReplicas>()
        );
        await pair.CaughtUpAsync();
        await pair.PauseAsync();
        await pair.WriteAsync();

        await LookAsync(new LogPosition(7, 1));
        Assert.True(replica.MayServe(default, 7));
        await LookAsync(new LogPosition(8, 1));
        Assert.False(replica.MayServe(default, 8));

        await pair.ResumeAsync();
        await pair.CaughtUpAsync();
        await LookAsync(new LogPosition(8, 1));
        Assert.True(replica.MayServe(default, 8));
        // Further than the primary is: of a history that was given up.
        await pair.PauseAsync();
        await LookAsync(new LogPosition(8, 1), isOfPrimary: true);
        Assert.False(replica.MayServe(default, 8));

        async Task LookAsync(LogPosition place, bool isOfPrimary = false)
        {
            Assert.True(log.TryAdd(place, _time.GetTimestamp()));
            await replica.LookAsync(log, isOfPrimary ? place : null, Cancellation);
        }
    }

    private async Task StartAsync(bool hasReplica = true)
    {
        _meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == PostgresMetrics.MeterName && instrument is Gauge<long>)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meter.SetMeasurementEventCallback<long>(
            (_, lag, tags, _) => Hear(lag, tags.ToArray().ToDictionary(tag => tag.Key, tag => $"{tag.Value}"))
        );
        _meter.Start();
        var address = hasReplica ? pair.Replica.Address : "";
        var statistics = pair.Primary.Connection(PostgresRoles.Statistics);
        _replicas = new ReadReplicas(
            _primary,
            Microsoft.Extensions.Options.Options.Create(Options()),
            Microsoft.Extensions.Options.Options.Create(
                new ReplicaOptions
                {
                    History = address,
                    Statistics = address,
                    Reports = address,
                    StatisticsUsername = statistics.Username,
                    StatisticsPassword = statistics.Password,
                }
            ),
            _time,
            _log.Of<ReadReplicas>()
        );
        await _replicas.StartAsync(Cancellation);
        if (hasReplica)
        {
            await ToldAsync(looks: 1);
            // What the primary wrote in the moment between both questions, it has at the next look.
            await InStepAsync();
        }
    }

    private Task InStepAsync() =>
        Eventually.IsTrueAsync(
            async () =>
            {
                await LookAsync();
                return await IsReplicaAsync(ReplicaRole.History) && _told.Values.All(told => told.Lag == 0);
            },
            "the replica is in step"
        );

    private async Task LookAsync(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            var looks = LooksOf("history");
            _time.Advance(AskEvery);
            await ToldAsync(looks + 1);
        }
    }

    private Task ToldAsync(int looks) =>
        Eventually.IsTrueAsync(
            () => new[] { "history", "statistics", "reports" }.All(role => LooksOf(role) >= looks),
            "every replica was looked at"
        );

    private int LooksOf(string role)
    {
        lock (_told)
        {
            return _told.GetValueOrDefault(role).Looks;
        }
    }

    private void Hear(long lag, Dictionary<string, string> tags)
    {
        lock (_told)
        {
            if (tags["host"] == pair.Replica.Address)
            {
                _told[tags["role"]] = (_told.GetValueOrDefault(tags["role"]).Looks + 1, lag);
            }
        }
    }

    private ValueTask<ReadLease?> OpenAsync(ReplicaRole role, LogPosition atLeast = default) =>
        _replicas!.OpenAsync(role, atLeast, Cancellation);

    private async Task<bool> IsReplicaAsync(ReplicaRole role, LogPosition atLeast = default)
    {
        await using var lease = await OpenAsync(role, atLeast);
        Assert.Equal(lease!.IsPrimary ? pair.Primary.Port : pair.Replica.Port, lease.Connection.Port);
        return !lease.IsPrimary;
    }

    private PostgresOptions Options()
    {
        var api = pair.Primary.Connection(PostgresRoles.Api);
        return new PostgresOptions
        {
            Hosts = api.Hosts,
            Database = api.Database,
            Username = api.Username,
            Password = api.Password,
            RootCertificate = api.RootCertificate,
        };
    }
}
