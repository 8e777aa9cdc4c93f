using Npgsql;
using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Traffic;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Drills;

/// <summary>A drill's traffic against real servers: what it writes down is what happened.</summary>
[Collection(nameof(Alone))]
public sealed class DrillTrafficTests(DrillTrafficTests.Fixture fixture) : IClassFixture<DrillTrafficTests.Fixture>
{
    private static readonly TrafficOptions Options = new() { Rate = 200, LogInPercent = 1 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LocalStack Stack => fixture.Stack;

    [Fact]
    public async Task All_that_was_acknowledged_is_in_the_books_once_and_nothing_else()
    {
        var (history, lost) = await DriveAsync(Options, traffic => AcknowledgedAsync(traffic, 300));

        Assert.All(history, operation => Assert.True(operation.Outcome == OperationOutcome.Acknowledged, $"{operation}"));
        Assert.Empty(lost);
        Assert.Equal(3, history.Select(operation => operation.Kind).Distinct().Count());
        var (transfers, balances) = (OfKind(history, OperationKind.Transfer), OfKind(history, OperationKind.Balance));
        Assert.All(transfers, transfer => Assert.True(transfer is { Timeline: > 0, Lsn: > 0, Attempts: 1 }, $"{transfer}"));
        Assert.All(balances, balance => Assert.True(balance.Seen is { Balance: > 0, Version: > 0 }, $"{balance}"));
        Assert.All(history, operation => Assert.True(operation.Intended <= operation.Started, $"{operation}"));
        Assert.All(history, operation => Assert.True(operation.Started < operation.Ended, $"{operation}"));
    }

    /// <summary>All of them: the death of one alone is hidden by the edge.</summary>
    [Fact]
    public async Task Servers_that_are_killed_leave_nothing_open()
    {
        var servers = Stack.Hosts.Where(host => host.Role == "api").ToList();
        var (history, lost) = await DriveAsync(
            Options,
            async traffic =>
            {
                await AcknowledgedAsync(traffic, 100);
                await Task.WhenAll(servers.Select(server => server.KillAsync()));
                await Task.WhenAll(servers.Select(server => server.StartAsync(Cancellation)));
                await AcknowledgedAsync(traffic, 200);
            }
        );

        var transfers = OfKind(history, OperationKind.Transfer);
        Assert.Contains(transfers, transfer => transfer is { Outcome: OperationOutcome.Acknowledged, Attempts: > 1 });
        Assert.DoesNotContain(transfers, transfer => transfer is { Outcome: OperationOutcome.Unknown, Resolution: null });
        Assert.Empty(lost);
    }

    [Fact]
    public async Task Members_of_an_edge_that_falls_silent_go_to_the_other_one()
    {
        var edge = Stack.Hosts.First(host => host.Role == "edge").Process!;
        var (history, _) = await DriveAsync(
            Options with
            {
                LogInPercent = 0,
            },
            async traffic =>
            {
                await AcknowledgedAsync(traffic, 50);
                Assert.True(edge.TrySignal(Signal.Stop));
                try
                {
                    await AcknowledgedAsync(traffic, 100);
                    await traffic.StopAsync(Cancellation);
                }
                finally
                {
                    edge.TrySignal(Signal.Continue);
                }
            }
        );

        Assert.All(history, operation => Assert.True(operation.Outcome == OperationOutcome.Acknowledged, $"{operation}"));
        var moved = history.Where(operation => operation.Errors.Contains(Attempt.ConnectionLost)).ToList();
        Assert.NotEmpty(moved);
        Assert.All(moved, operation => Assert.True(operation.Member % 2 == 0, $"the other edge answered: {operation}"));
        Assert.All(history.Where(operation => operation.Member % 2 == 1), operation => Assert.Equal(1, operation.Attempts));
    }

    [Fact]
    public async Task A_session_that_is_ended_shows_and_the_member_goes_on()
    {
        var (history, lost) = await DriveAsync(
            Options,
            async traffic =>
            {
                var logOut = new Call(HttpMethod.Delete, "/v1/sessions/current");
                await fixture.Members[1].CallAsync(logOut, TimeSpan.FromSeconds(10), Cancellation);
                await AcknowledgedAsync(traffic, 200);
            }
        );

        var loser = Assert.Single(lost);
        Assert.StartsWith("member 1: another session", loser, StringComparison.Ordinal);
        var refused = history.Where(operation => operation.Errors.Contains("session_revoked")).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, operation => Assert.Equal((1, OperationOutcome.Acknowledged), (operation.Member, operation.Outcome)));
    }

    [Fact]
    public async Task What_was_due_while_too_much_was_under_way_is_written_down_as_not_sent()
    {
        var (history, _) = await DriveAsync(Options with { Rate = 2_000, InFlightMax = 2 }, traffic => AcknowledgedAsync(traffic, 50));

        var unsent = history.Where(operation => operation.Attempts == 0).ToList();
        Assert.NotEmpty(unsent);
        Assert.All(unsent, operation => Assert.Equal(["not_sent"], operation.Errors));
        Assert.All(unsent, operation => Assert.Equal((OperationOutcome.Unknown, null), (operation.Outcome, operation.Resolution)));
    }

    [Fact]
    public async Task What_a_member_gave_up_on_is_resolved_under_its_key()
    {
        var servers = Stack.Hosts.Where(host => host.Role == "api").Select(host => host.Process!).ToList();
        var (history, _) = await DriveAsync(
            Options,
            async traffic =>
            {
                await AcknowledgedAsync(traffic, 50);
                servers.ForEach(server => Assert.True(server.TrySignal(Signal.Stop)));
                try
                {
                    await Eventually.IsTrueAsync(() => traffic.Pulse.InFlight >= 20, "some wait for an answer");
                    await traffic.StopAsync(new CancellationToken(canceled: true));
                }
                finally
                {
                    servers.ForEach(server => server.TrySignal(Signal.Continue));
                }
            }
        );

        var abandoned = OfKind(history, OperationKind.Transfer).Where(transfer => transfer.Errors.Contains("abandoned")).ToList();
        Assert.NotEmpty(abandoned);
        Assert.All(abandoned, transfer => Assert.Equal(OperationOutcome.Unknown, transfer.Outcome));
        Assert.All(abandoned, transfer => Assert.Equal(OperationOutcome.Acknowledged, transfer.Resolution?.Outcome));
    }

    [Fact]
    public async Task Members_who_cannot_join_end_the_drill_with_a_reason()
    {
        var options = fixture.MembersOptions with
        {
            Edges = [$"https://localhost:{Ports.FreeFrom(null)}"],
            Patience = TimeSpan.FromSeconds(1),
        };

        var failure = await Assert.ThrowsAsync<LocalException>(() => DrillMembers.JoinAsync(options, TimeProvider.System, Cancellation));

        Assert.Equal($"Only 0 of the drill's {options.Count} members had joined after 1 s.", failure.Message);
    }

    /// <summary>Ready, steady traffic, and books that fit it.</summary>
    private async Task<(IReadOnlyList<Operation> History, IReadOnlyList<string> Lost)> DriveAsync(
        TrafficOptions options,
        Func<DrillTraffic, Task> meanwhile
    )
    {
        options = options with { Run = new TrafficOptions().Run };
        await fixture.Members.GetReadyAsync(Cancellation);
        var before = await fixture.Books.ReadBalancesAsync(fixture.Members.Accounts, Cancellation);
        await using var traffic = DrillTraffic.Start(options, fixture.Members, TimeProvider.System);
        await meanwhile(traffic);
        await traffic.StopAsync(Cancellation);
        var pulse = traffic.Pulse;
        var history = await traffic.ResolveAsync(Cancellation);

        Assert.Equal(0, pulse.InFlight);
        Assert.Equal(history.Count, pulse.Acknowledged + pulse.Refused + pulse.Unknown + pulse.NotSent);
        Assert.Equal(Enumerable.Range(1, history.Count).Select(n => (long)n), history.Select(operation => operation.Number));
        ShouldFit(history, await fixture.Books.ReadAsync(before, history, options.Run, Cancellation));
        return (history, await fixture.Members.LostSessionsAsync(Cancellation));
    }

    private static void ShouldFit(IReadOnlyList<Operation> history, FinalBooks books)
    {
        Assert.Equal(0, books.SumOfAllBalances);
        var done = history
            .Where(operation => operation.Kind == OperationKind.Transfer)
            .Where(operation =>
                operation.Outcome == OperationOutcome.Acknowledged || operation.Resolution?.Outcome == OperationOutcome.Acknowledged
            )
            .Select(operation =>
                (
                    operation.Number,
                    Id: operation.TransferId ?? operation.Resolution!.TransferId,
                    operation.From,
                    operation.To,
                    operation.Amount
                )
            );
        Assert.Equal(
            done,
            books
                .Transfers.Select(posted => (Number: posted.Operation ?? 0, Id: (Guid?)posted.Id, posted.From, posted.To, posted.Amount))
                .OrderBy(posted => posted.Number)
        );

        var posted = books.Transfers.ToDictionary(transfer => transfer.Id);
        foreach (var transfer in history.Where(operation => operation.TransferId is not null))
        {
            var row = posted[transfer.TransferId!.Value];
            var seen = new SeenBalance(row.From, row.FromVersion, row.FromBalance, row.FromHeld, row.FromBalance - row.FromHeld);
            Assert.Equal(seen, transfer.Seen);
        }
        foreach (var (was, now) in books.Before.Zip(books.After))
        {
            var (sent, received) = (books.Transfers.Where(t => t.From == was.Account), books.Transfers.Where(t => t.To == was.Account));
            Assert.Equal(was.Account, now.Account);
            Assert.Equal(was.Balance + received.Sum(t => t.Amount) - sent.Sum(t => t.Amount), now.Balance);
            Assert.Equal(was.Version + received.Count() + sent.Count(), now.Version);
        }
    }

    private static List<Operation> OfKind(IEnumerable<Operation> history, OperationKind kind) =>
        [.. history.Where(operation => operation.Kind == kind)];

    private static Task AcknowledgedAsync(DrillTraffic traffic, int more)
    {
        var before = traffic.Pulse.Acknowledged;
        return Eventually.IsTrueAsync(() => traffic.Pulse.Acknowledged >= before + more, $"{more} more are acknowledged");
    }

    /// <summary>Two API servers, two edges with a drill's limits, members.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private readonly DataFolder _data = DataFolder.Temporary("drill");
        private LocalStack? _stack;
        private DrillMembers? _members;

        public LocalStack Stack => _stack ?? throw new InvalidOperationException("The stack has not started.");

        public DrillMembers Members => _members ?? throw new InvalidOperationException("Nobody has joined.");

        public BooksReader Books => new(Stack.Servers.Postgres.SuperuserConnectionString(PostgresServer.DefaultDatabase));

        public DrillMembersOptions MembersOptions =>
            new()
            {
                Edges = Stack.EdgeUrls,
                RootCertificate = _data.RootCertificate,
                Count = 8,
            };

        public async ValueTask InitializeAsync()
        {
            var options = new LocalStackOptions
            {
                Servers = new LocalServersOptions { Data = _data, SharedBuffers = "64MB" },
                Port = StackPorts.FreeHttps(apiServers: 2),
                ApiServers = 2,
                Edges = 2,
                EdgeSettings = DrillLimits.For,
                WithWorker = false,
                Supervised = false,
            };
            _stack = await LocalStack.StartAsync(options, Cancellation);
            _members = await DrillMembers.JoinAsync(MembersOptions, TimeProvider.System, Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            _members?.Dispose();
            if (_stack is not null)
            {
                await using var owner = NpgsqlDataSource.Create(Stack.Servers.Postgres.Connection(PostgresRoles.Migrator).ConnectionString);
                await Support.Books.ShouldBalanceAsync(owner);
                await _stack.DisposeAsync();
            }
            _data.Delete();
        }
    }
}
