using Npgsql;
using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Kinds;
using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Drills.Traffic;
using QuickPay.Cli.Local;
using QuickPay.Cli.Local.Zones;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Drills;

/// <summary>Alone, when all others are through: short times decide who is given up, and nobody else may take the processors away.</summary>
[CollectionDefinition(nameof(ThreeZones), DisableParallelization = true)]
public sealed class ThreeZones : ICollectionFixture<ThreeZonesFixture>;

/// <summary>Three zones, and members to drive drills over them.</summary>
public sealed class ThreeZonesFixture : IAsyncLifetime
{
    private readonly DataFolder _reports = DataFolder.Temporary("drill-reports");

    internal ZonedStack Stack { get; private set; } = null!;

    internal DrillRunner Runner { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Stack = await ZonedStack.StartAsync(
            new ZonedStackOptions
            {
                Data = DataFolder.Temporary("zones"),
                DeleteAtEnd = true,
                Durable = false,
                EdgeSettings = DrillLimits.For,
            },
            TestContext.Current.CancellationToken
        );
        var options = new DrillOptions
        {
            Rate = 60,
            Members = 8,
            Reports = _reports.Root,
            Say = text => TestContext.Current.TestOutputHelper?.WriteLine(text),
        };
        Runner = await DrillRunner.CreateAsync(Stack, options, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Runner?.Dispose();
        if (Stack is not null)
            await Stack.DisposeAsync();
        Directory.Delete(_reports.Root, recursive: true);
    }
}

/// <summary>What is broken in three zones, and what members see of it. The drills judge themselves; here it is seen that they do.</summary>
[Collection(nameof(ThreeZones))]
public sealed class ThreeZonesTests(ThreeZonesFixture fixture)
{
    private const string CutShort = """
        SELECT count(*) FILTER (WHERE pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ZonedStack Stack => fixture.Stack;

    [Fact]
    [Trait("Category", "slow")]
    public async Task An_API_server_dies_and_no_member_notices()
    {
        var result = await RunAsync(ApiDrill.Create());

        Assert.Contains(result.Events, happened => happened.Text.StartsWith("kill -9 of api-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_primary_dies_and_its_standby_takes_over_with_all_that_was_acknowledged()
    {
        var lost = (await Stack.Postgres.ViewAsync(Cancellation)).Primary!;
        var result = await RunAsync(DatabaseDrill.Create());

        var now = (await Stack.Postgres.ViewAsync(Cancellation)).Primary!;
        Assert.NotEqual(lost.Name, now.Name);
        Assert.True(now.Timeline > lost.Timeline);
        Assert.True(result.OutageSeconds > 0);
    }

    /// <summary>PostgreSQL calls such a commit a success; it is one on a single disk.</summary>
    [Fact]
    public async Task A_commit_whose_wait_for_the_standby_is_cut_short_is_not_acknowledged_before_a_standby_has_it()
    {
        var view = await Stack.Postgres.ViewAsync(Cancellation);
        var (primary, standby) = (Stack.Postgres.NodeOf(view.Primary!.Name), Stack.Postgres.SynchronousStandbyIn(view)!);
        using var members = await DrillMembers.JoinAsync(
            new DrillMembersOptions
            {
                Edges = Stack.EdgeUrls,
                RootCertificate = Stack.Data.RootCertificate,
                Count = 2,
            },
            TimeProvider.System,
            Cancellation
        );
        var books = new BooksReader(primary.SuperuserConnectionString(PostgresServer.DefaultDatabase));
        var before = await books.ReadBalancesAsync(members.Accounts, Cancellation);
        var options = new TrafficOptions
        {
            Rate = 5,
            TransferPercent = 100,
            LogInPercent = 0,
        };
        await using var superuser = NpgsqlDataSource.Create(primary.SuperuserConnectionString());
        var frozen = standby.Postmaster!.Pid;
        var countedBefore = await CountedAsync();

        ProcessTree.Signal(frozen, Signal.Stop);
        DrillTraffic traffic;
        long acknowledged;
        try
        {
            traffic = DrillTraffic.Start(options, members, TimeProvider.System);
            await Eventually.IsTrueAsync(async () => await CountAsync(superuser, CutShort) > 0, "a commit was cut short");
            // The row is there for everybody to see, and must not count.
            await Eventually.IsTrueAsync(async () => await VersionsAsync() > before.Sum(account => account.Version), "the row is there");
            acknowledged = traffic.Pulse.Acknowledged;
        }
        finally
        {
            ProcessTree.Signal(frozen, Signal.Continue);
        }
        await using (traffic)
        {
            await Eventually.IsTrueAsync(() => traffic.Pulse.Acknowledged > 0, "a transfer is acknowledged");
            await traffic.StopAsync(Cancellation);
            var history = await traffic.ResolveAsync(Cancellation);

            Assert.Equal(0, acknowledged);
            Assert.True((await CountedAsync()).Since(countedBefore).Unsynchronized > 0, "the metric tells");
            var verdict = HistoryChecker.Judge(history, await books.ReadAsync(before, history, options.Run, Cancellation), []);
            Assert.Empty(verdict.Faults);
        }

        Task<CommitCounts> CountedAsync() =>
            CommitCounts.ReadAsync(Stack.Hosts.Where(host => host.Role == "api"), Stack.Data.RootCertificate, Cancellation);

        async Task<long> VersionsAsync() => (await books.ReadBalancesAsync(members.Accounts, Cancellation)).Sum(account => account.Version);
    }

    [Fact]
    public async Task Status_names_zone_part_and_lag_of_every_server()
    {
        var status = await StackStatus.ReadAsync(Stack.Data, Cancellation);

        Assert.True(status.IsHealthy(), string.Join(", ", status.Processes.Where(process => process.Health != ProcessStatus.Healthy)));
        Assert.Equal(["a", "b", "c"], status.Processes.Select(process => process.Zone).Distinct().Order());
        var parts = status.Processes.Where(process => process.Role == "postgres").Select(process => process.Part).ToList();
        Assert.Single(parts, part => part == "primary");
        Assert.Single(parts, part => part == "synchronous standby");
        var standby = status.Processes.Single(process => process.Part == "synchronous standby").Name;
        var replicas = status.Processes.Where(process => process.Role == "replica").ToList();
        Assert.Equal(3, replicas.Count);
        Assert.All(replicas, replica => Assert.Equal($"streams from {standby}", replica.Part));
        Assert.All(replicas, replica => Assert.NotNull(replica.BehindBytes));
    }

    /// <summary>The rest, minutes each.</summary>
    [Theory]
    [Trait("Category", "slow")]
    [InlineData("redis")]
    [InlineData("redis-away")]
    [InlineData("clock")]
    [InlineData("rolling-upgrade")]
    [InlineData("database-partition")]
    [InlineData("database-frozen")]
    [InlineData("zone")]
    [InlineData("zone-standby")]
    [InlineData("standby-down")]
    [InlineData("cut-commit")]
    [InlineData("etcd")]
    public async Task Every_other_drill_holds(string name)
    {
        var drill = DrillCatalogue.All(TimeSpan.FromSeconds(10)).Single(one => one.Name == name);
        await RunAsync(drill);
    }

    private async Task<DrillResult> RunAsync(Drill drill)
    {
        var result = await fixture.Runner.RunAsync(drill, Cancellation);

        Assert.All(result.Promises, promise => Assert.True(promise.Held, $"{promise.Text}: {promise.Seen}"));
        Assert.True(result.Counts.Acknowledged > 100, $"{result.Counts}");
        Assert.Equal(
            result.Name,
            Assert.Single(DrillReport.ReadAll(Path.GetDirectoryName(result.Report)!), one => one.Report == result.Report).Name
        );
        return result;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
