using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Edge.Firewall;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>Who is inspected when, with an engine that does what the test says.</summary>
public sealed class InspectionPoolTests
{
    private static readonly IPAddress Greedy = IPAddress.Parse("203.0.113.7");
    private static readonly IPAddress Modest = IPAddress.Parse("198.51.100.1");

    [Fact]
    public async Task One_who_asks_for_much_waits_behind_himself_and_others_do_not()
    {
        using var gate = new ManualResetEventSlim();
        ConcurrentQueue<IPAddress> order = [];
        using var pool = Pool(request =>
        {
            gate.Wait();
            order.Enqueue(request.Client);
            return Verdict.Clean;
        });

        var greedy = Enumerable.Range(0, 100).Select(_ => Ask(pool, Greedy)).ToList();
        var modest = Enumerable.Range(0, 3).Select(_ => Ask(pool, Modest)).ToList();
        gate.Set();
        await Task.WhenAll(greedy.Concat(modest));

        // One of the greedy was at hand already; from then on they take turns.
        Assert.Equal(103, order.Count);
        Assert.True(order.ToList().FindLastIndex(client => client.Equals(Modest)) <= 7, string.Join(' ', order.Take(20)));
    }

    [Fact]
    public async Task A_client_has_no_more_than_its_part_of_the_queue()
    {
        using var gate = new ManualResetEventSlim();
        using var pool = Pool(
            Behind(gate),
            new FirewallOptions
            {
                Workers = 1,
                QueueMax = 10,
                QueuePerClientMax = 4,
            }
        );
        var greedy = await FillAsync(pool, Greedy, 4);

        Assert.Equal(InspectionOutcome.Overloaded, (await Ask(pool, Greedy)).Outcome);
        var modest = Ask(pool, Modest);
        gate.Set();

        Assert.Equal(InspectionOutcome.Judged, (await modest).Outcome);
        Assert.All(await Task.WhenAll(greedy), result => Assert.Equal(InspectionOutcome.Judged, result.Outcome));
    }

    [Fact]
    public async Task A_full_queue_has_a_place_for_a_newcomer_and_who_has_most_loses_one()
    {
        using var gate = new ManualResetEventSlim();
        using var pool = Pool(
            Behind(gate),
            new FirewallOptions
            {
                Workers = 1,
                QueueMax = 3,
                QueuePerClientMax = 3,
            }
        );
        var waiting = await FillAsync(pool, Greedy, 3);

        var modest = Ask(pool, Modest);

        Assert.Equal(InspectionOutcome.Overloaded, (await waiting[^1]).Outcome);
        Assert.Equal(InspectionOutcome.Overloaded, (await Ask(pool, Greedy)).Outcome);
        Assert.Equal(3, pool.Waiting);
        gate.Set();
        Assert.Equal(InspectionOutcome.Judged, (await modest).Outcome);
        Assert.All(await Task.WhenAll(waiting[..^1]), result => Assert.Equal(InspectionOutcome.Judged, result.Outcome));
    }

    [Fact]
    public async Task Whoever_waits_past_the_deadline_is_refused_and_leaves_the_queue()
    {
        var time = new FakeTimeProvider();
        using var gate = new ManualResetEventSlim();
        using var pool = Pool(Behind(gate), new FirewallOptions { Workers = 1, InspectTimeoutMs = 500 }, time);
        var waiting = await FillAsync(pool, Greedy, 2);

        time.Advance(TimeSpan.FromMilliseconds(501));

        // The one at hand too: its worker may be stuck.
        Assert.All(await Task.WhenAll(waiting), result => Assert.Equal(InspectionOutcome.Overloaded, result.Outcome));
        Assert.Equal(0, pool.Waiting);
        gate.Set();
    }

    [Fact]
    public async Task A_client_that_goes_leaves_the_queue()
    {
        using var gate = new ManualResetEventSlim();
        using var pool = Pool(Behind(gate));
        using var gone = new CancellationTokenSource();
        await FillAsync(pool, Greedy, 0);
        var waiting = pool.InspectAsync(From(Modest), gone.Token).AsTask();

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, pool.Waiting);
        gate.Set();
    }

    [Fact]
    public async Task An_inspection_that_fails_lets_nothing_pass_and_ends_nothing()
    {
        using var pool = Pool(request =>
            request.Client.Equals(Greedy) ? throw new InvalidOperationException("as the test says") : Verdict.Clean
        );

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(new InspectionResult(InspectionOutcome.Failed), await Ask(pool, Greedy));
        }

        Assert.Equal(new InspectionResult(InspectionOutcome.Judged, Verdict.Clean), await Ask(pool, Modest));
    }

    [Fact]
    public async Task What_waits_at_the_end_is_refused()
    {
        using var gate = new ManualResetEventSlim();
        var pool = Pool(Behind(gate));
        var waiting = await FillAsync(pool, Greedy, 2);

        var disposing = Task.Run(pool.Dispose, TestContext.Current.CancellationToken);
        await Eventually.IsTrueAsync(() => waiting.Count(task => task.IsCompleted) == 2, "the waiting are answered");
        gate.Set();
        await disposing;

        Assert.Equal(InspectionOutcome.Overloaded, (await Ask(pool, Modest)).Outcome);
    }

    private static Func<InspectedRequest, Verdict> Behind(ManualResetEventSlim gate) =>
        _ =>
        {
            gate.Wait();
            return Verdict.Clean;
        };

    /// <summary>One at hand, and as many waiting.</summary>
    private static async Task<List<Task<InspectionResult>>> FillAsync(InspectionPool pool, IPAddress client, int waiting)
    {
        List<Task<InspectionResult>> all = [Ask(pool, client)];
        await Eventually.IsTrueAsync(() => pool.Waiting == 0, "the first is at hand");
        all.AddRange(Enumerable.Range(0, waiting).Select(_ => Ask(pool, client)));
        return all;
    }

    private static Task<InspectionResult> Ask(InspectionPool pool, IPAddress client) =>
        pool.InspectAsync(From(client), TestContext.Current.CancellationToken).AsTask();

    private static InspectedRequest From(IPAddress client) =>
        new()
        {
            Client = client,
            Method = "GET",
            RawTarget = "/v1/accounts",
            Protocol = "HTTP/1.1",
            Headers = [],
        };

    private static InspectionPool Pool(
        Func<InspectedRequest, Verdict> inspect,
        FirewallOptions? options = null,
        TimeProvider? time = null
    ) => new(inspect, options ?? new FirewallOptions { Workers = 1 }, time ?? TimeProvider.System, NullLogger<InspectionPool>.Instance);
}
