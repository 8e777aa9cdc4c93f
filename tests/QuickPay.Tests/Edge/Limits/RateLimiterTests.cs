using CsCheck;
using QuickPay.Edge.Limits;
using QuickPay.Tests.Support;

namespace QuickPay.Tests.Edge.Limits;

public sealed class RateLimiterTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(50)]
    [InlineData(1_000)]
    [InlineData(20_000)]
    public async Task A_limit_lets_exactly_its_number_through(int requests)
    {
        var story = new LimiterStory(new Limit("trial", requests, Second), edges: 1);

        Assert.Equal(requests, await story.SendManyAsync(2 * requests));
        story.Time.Advance(Second - Millisecond);
        Assert.False((await story.SendAsync()).IsAllowed);
        story.Time.Advance(Millisecond);
        Assert.True((await story.SendAsync()).IsAllowed);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(50)]
    [InlineData(1_000)]
    public async Task Without_redis_an_edge_counts_just_as_exactly_for_itself(int requests)
    {
        var story = new LimiterStory(new Limit("trial", requests, Second), edges: 1);
        story.Connection().IsThere = false;

        Assert.Equal(requests, await story.SendManyAsync(2 * requests));
        story.Time.Advance(Second);
        Assert.Equal(requests, await story.SendManyAsync(2 * requests));
    }

    /// <summary>At twice the limit, evenly, for five windows: of one or two edges.</summary>
    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 50)]
    [InlineData(1, 1_000)]
    [InlineData(2, 1_000)]
    public async Task Under_steady_pressure_every_window_holds_the_limit_within_two_per_cent(int edges, int requests)
    {
        var story = new LimiterStory(new Limit("trial", requests, Second), edges);
        const int Windows = 5;
        for (var i = 0; i < 2 * requests * Windows; i++)
        {
            await story.SendAsync(edge: i % edges);
            story.Time.Advance(Second / (2 * requests));
        }

        Assert.InRange(story.AllowedAtMs.Count, requests * Windows * 0.98, requests * Windows * 1.02);
        Assert.InRange(story.MostInAWindow(Second), requests, requests * 1.02);
    }

    /// <summary>Whatever comes when and where: never more than the limit, and for each edge a lease and its credit, in any window.</summary>
    [Fact]
    public Task No_rhythm_of_requests_gets_more_through_than_the_limit_and_for_each_edge_a_lease_and_its_credit() =>
        Gen.Select(
                Gen.Int[0, 2].Select(i => new[] { 3, 50, 400 }[i]),
                Gen.Int[1, 3],
                Gen.Select(Gen.Int[0, 400], Gen.Int[1, 300], Gen.Int[0, 2]).Array[1, 20]
            )
            .SampleAsync(
                async (requests, edges, bursts) =>
                {
                    var limit = new Limit("trial", requests, Second);
                    var story = new LimiterStory(limit, edges);
                    foreach (var (pauseMs, count, edge) in bursts)
                    {
                        story.Time.Advance(Millisecond * pauseMs);
                        await story.SendManyAsync(count, edge % edges);
                    }
                    Assert.InRange(story.MostInAWindow(Second), 0, requests + (edges * (limit.LeaseRequests + limit.CreditMax)));
                },
                iter: 200
            );

    [Fact]
    public async Task What_one_edge_used_up_is_used_up_at_the_other()
    {
        var story = new LimiterStory(new Limit("login-phone", 5, Minute), edges: 2);

        Assert.Equal(5, await story.SendManyAsync(9, edge: 0));
        Assert.Equal(0, await story.SendManyAsync(9, edge: 1));
    }

    /// <summary>All at once, before Redis has answered; and once more in the next window, when the edge knows better.</summary>
    [Theory]
    [InlineData(50)]
    [InlineData(1_000)]
    public async Task A_cold_edge_gives_a_tenth_on_credit_and_once_it_saw_a_busy_subject_none_for_a_minute(int requests)
    {
        var limit = new Limit("trial", requests, Second);
        var story = new LimiterStory(limit, edges: 2);

        Assert.Equal(requests / 10, await CreditAtSecondEdgeAsync());
        story.Time.Advance(Second);
        Assert.Equal(0, await CreditAtSecondEdgeAsync());
        story.Time.Advance(Minute);
        Assert.Equal(requests / 10, await CreditAtSecondEdgeAsync());

        async Task<int> CreditAtSecondEdgeAsync()
        {
            Assert.Equal(requests, await story.SendManyAsync(2 * requests, edge: 0));
            var begun = Enumerable.Range(0, requests).Select(_ => story.Begin(edge: 1)).ToList();
            var onCredit = begun.Count(one => one.IsCompleted);
            story.Connection(1).AnswerAll();
            foreach (var one in begun.Skip(onCredit))
            {
                Assert.False((await one).IsAllowed);
            }
            return onCredit;
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(49)]
    public void Small_limits_give_no_credit_at_all(int requests) => Assert.Equal(0, new Limit("login-phone", requests, Minute).CreditMax);

    /// <summary>Eight transfers a second of one member, each answer of Redis 30 ms away: half of them ask, none waits.</summary>
    [Fact]
    public async Task A_member_who_pays_often_waits_for_nothing_and_nothing_is_asked_in_a_hurry()
    {
        var story = new LimiterStory(new Limit("transfer-member", 50, Second), edges: 1);
        for (var i = 0; i < 80; i++)
        {
            var verdict = story.Begin();
            Assert.True(verdict.IsCompleted, $"request {i}");
            Assert.True((await verdict).IsAllowed);
            story.Time.Advance(Millisecond * 30);
            story.Connection().AnswerAll();
            story.Time.Advance(Millisecond * 95);
        }

        Assert.Equal(0, story.Connection().Hurried);
        Assert.InRange(story.Questions, 1, 40);
    }

    [Fact]
    public async Task A_refused_subject_costs_no_question_until_there_is_room()
    {
        var story = new LimiterStory(new Limit("login-phone", 5, Minute), edges: 1);
        await story.SendManyAsync(5);
        var asked = story.Questions;

        Assert.Equal(0, await story.SendManyAsync(1_000));

        Assert.Equal(asked, story.Questions);
    }

    [Fact]
    public async Task A_lease_covers_many_requests()
    {
        var story = new LimiterStory(new Limit("overall", 20_000, Second), edges: 1);

        Assert.Equal(10_000, await story.SendManyAsync(10_000));

        Assert.InRange(story.Questions, 50, 110);
    }

    [Fact]
    public async Task A_busy_subject_within_its_limit_waits_for_nothing()
    {
        var story = new LimiterStory(new Limit("address", 1_000, Second), edges: 1);
        for (var i = 0; i < 1_600; i++)
        {
            var verdict = story.Begin();
            Assert.True(verdict.IsCompleted, $"request {i}");
            Assert.True((await verdict).IsAllowed);
            story.Connection().AnswerAll();
            story.Time.Advance(Second / 800);
        }
    }

    [Fact]
    public async Task Those_who_wait_share_one_answer()
    {
        var story = new LimiterStory(new Limit("login-address", 10, Minute), edges: 1);
        var begun = Enumerable.Range(0, 30).Select(_ => story.Begin()).ToList();
        Assert.Equal(20, begun.Count(one => one.IsCompleted));

        story.Connection().AnswerAll();

        var verdicts = await Task.WhenAll(begun.Select(one => one.AsTask()));
        Assert.Equal(10, verdicts.Count(verdict => verdict.IsAllowed));
        Assert.Equal(1, story.Questions);
    }

    [Fact]
    public async Task When_redis_dies_those_who_wait_are_answered_and_what_was_counted_stays_counted()
    {
        var story = new LimiterStory(new Limit("login-phone", 5, Minute), edges: 1);
        Assert.Equal(3, await story.SendManyAsync(3));
        var waiting = story.Begin();
        Assert.False(waiting.IsCompleted);
        Assert.InRange(story.Connection().Hurried, 1, int.MaxValue);

        story.Connection().FailAll();

        Assert.True((await waiting).IsAllowed);
        Assert.Equal(1, await story.SendManyAsync(10));
    }

    [Fact]
    public async Task A_verdict_says_what_is_left_and_when_there_is_more()
    {
        var story = new LimiterStory(new Limit("login-phone", 5, Minute), edges: 1);

        Assert.Equal(new LimitVerdict(true, 4, Minute), await story.SendAsync());
        story.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(new LimitVerdict(true, 3, TimeSpan.FromSeconds(40)), await story.SendAsync());
        await story.SendManyAsync(3);
        Assert.Equal(new LimitVerdict(false, 0, TimeSpan.FromSeconds(40)), await story.SendAsync());
    }

    [Fact]
    public async Task Unspent_requests_end_with_their_window()
    {
        var story = new LimiterStory(new Limit("address", 1_000, Second), edges: 1);
        await story.SendAsync();
        story.Time.Advance(Second);

        Assert.Equal(1_000, await story.SendManyAsync(2_000));
    }

    [Fact]
    public async Task Subjects_do_not_touch_each_other()
    {
        var story = new LimiterStory(new Limit("login-phone", 5, Minute), edges: 1);
        await story.SendManyAsync(100);

        Assert.True((await story.SendAsync(subject: 7)).IsAllowed);
    }

    [Fact]
    public async Task Refusals_are_counted_by_limit()
    {
        using var refused = new Counted("quickpay.edge.rate_limited");

        await new LimiterStory(new Limit("counted", 5, Minute), edges: 1).SendManyAsync(12);

        Assert.Equal(7, refused.SumOf("limit=counted"));
    }

    [Fact]
    public async Task A_request_within_the_limits_takes_no_memory()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var limits = new RateLimits(new RateLimitOptions(), new OwnLeases(), time);
        (RateLimiter Limiter, UInt128 Id)[] asked =
        [
            (limits.Address, 7),
            (limits.Overall, SubjectIds.Everybody),
            (limits.TransferMember, 9),
        ];
        await SendAsync();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
        {
            await SendAsync();
            time.Advance(Second / 10);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 200);

        async ValueTask SendAsync()
        {
            foreach (var (limiter, id) in asked)
            {
                Assert.True((await limiter.TakeAsync(id)).IsAllowed);
            }
        }
    }

    [Fact]
    public async Task A_million_subjects_take_no_more_room_than_was_given()
    {
        var story = new LimiterStory(new Limit("address", 1_000, Second), edges: 1);
        var limiter = new RateLimiter(new Limit("address", 1_000, Second), 10_000, new OwnLeases(), (_, _) => default, story.Time);
        for (var i = 0; i < 1_000_000; i++)
        {
            await limiter.TakeAsync((UInt128)(i * 7919L));
        }

        Assert.InRange(limiter.Subjects, 5_000, 10_000);
    }

    [Fact]
    public async Task Who_is_seen_again_and_again_is_not_forgotten_among_strangers()
    {
        var story = new LimiterStory(new Limit("login-phone", 5, Minute), edges: 1);
        var limiter = new RateLimiter(new Limit("login-phone", 5, Minute), 1_000, new OwnLeases(), (_, _) => default, story.Time);
        var allowed = 0;
        for (var i = 0; i < 100_000; i++)
        {
            await limiter.TakeAsync((UInt128)(i + 1));
            allowed += i % 100 == 0 && (await limiter.TakeAsync(0)).IsAllowed ? 1 : 0;
        }

        Assert.Equal(5, allowed);
    }
}
