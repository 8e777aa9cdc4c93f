using System.Net;
using QuickPay.Edge.Limits;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Limits;

/// <summary>The limits themselves, on a real Redis and the real clock, without HTTP around them.</summary>
public sealed class SharedLimitTests(TestServers servers)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly UInt128 Abuser = SubjectIds.OfAddress(IPAddress.Parse("127.9.9.9"));
    private static readonly UInt128 Other = SubjectIds.OfAddress(IPAddress.Parse("127.1.2.3"));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_address_gets_its_thousand_a_second_to_within_two_per_cent_however_many_edges_it_uses(int edges)
    {
        await using var redis = new SharedRedis(servers.Shared);
        var limits = await EdgesAsync(redis, edges);

        var (verdicts, ideal) = await Pace.SendAsync(2_000, 3 * Second, 1_000, i => limits[i % edges].Address.TakeAsync(Abuser).AsTask());

        ShouldBeWithinTwoPercent(ideal, verdicts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_member_gets_fifty_transfers_a_second_to_within_two_per_cent_however_many_edges_they_use(int edges)
    {
        await using var redis = new SharedRedis(servers.Shared);
        var limits = await EdgesAsync(redis, edges);

        var (verdicts, ideal) = await Pace.SendAsync(100, 4 * Second, 50, i => limits[i % edges].TransferMember.TakeAsync(7).AsTask());

        ShouldBeWithinTwoPercent(ideal, verdicts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Everybody_together_gets_the_overall_limit_to_within_two_per_cent(int edges)
    {
        await using var redis = new SharedRedis(servers.Shared);
        var limits = await EdgesAsync(redis, edges, key => new() { HashKeyFile = key, RequestsPerSecondOverall = 4_000 });

        var (verdicts, ideal) = await Pace.SendAsync(
            8_000,
            3 * Second,
            4_000,
            i => limits[i % edges].Overall.TakeAsync(SubjectIds.Everybody).AsTask()
        );

        ShouldBeWithinTwoPercent(ideal, verdicts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_phone_number_gets_five_logins_a_minute_and_an_address_ten(int edges)
    {
        await using var redis = new SharedRedis(servers.Shared);
        var limits = await EdgesAsync(redis, edges);

        var byPhone = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(i => limits[i % edges].LoginPhone.TakeAsync(821012345678).AsTask())
        );
        var byAddress = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => limits[i % edges].LoginAddress.TakeAsync(Abuser).AsTask()));

        Assert.Equal(5, byPhone.Count(verdict => verdict.IsAllowed));
        Assert.Equal(10, byAddress.Count(verdict => verdict.IsAllowed));
    }

    [Fact]
    public async Task An_abusive_address_takes_nothing_from_another_and_does_not_slow_it()
    {
        await using var redis = new SharedRedis(servers.Shared);
        var limits = (await EdgesAsync(redis, 1))[0];
        await MeasureAsync(limits, Second / 4);
        var quiet = await MeasureAsync(limits, 2 * Second);

        var abuse = Pace.SendAsync(20_000, 2 * Second, _ => limits.Address.TakeAsync(Abuser).AsTask());
        var abused = await MeasureAsync(limits, 2 * Second);
        var abuser = await abuse;
        var allowed = abuser.Count(verdict => verdict.IsAllowed);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"the other's wait, median and 99th: quiet {quiet}, abused {abused}; the abuser sent {abuser.Count}, {allowed} went through"
        );
        Assert.InRange(allowed, 1, abuser.Count / 5);
        Assert.True(abused.Median < TimeSpan.FromMilliseconds(1), $"{abused}");
        // A machine that is busy otherwise slows both.
        Assert.True(abused.P99 < TimeSpan.FromMilliseconds(20) + (10 * quiet.P99), $"{quiet} {abused}");
    }

    private static async Task<RateLimits[]> EdgesAsync(SharedRedis redis, int edges, Func<string, RateLimitOptions>? options = null)
    {
        var all = new RateLimits[edges];
        for (var i = 0; i < edges; i++)
        {
            all[i] = await redis.ConnectAsync(options);
        }
        return all;
    }

    private static void ShouldBeWithinTwoPercent(Pace.Ideal expected, IReadOnlyList<LimitVerdict> verdicts)
    {
        var allowed = verdicts.Count(verdict => verdict.IsAllowed);
        TestContext.Current.TestOutputHelper?.WriteLine($"{allowed} of {verdicts.Count} went through, {expected} expected");
        expected.ShouldBeWithinTwoPercent(allowed);
    }

    private static async Task<(TimeSpan Median, TimeSpan P99)> MeasureAsync(RateLimits limits, TimeSpan duration)
    {
        var waits = await Pace.SendAsync(
            200,
            duration,
            async _ =>
            {
                var started = TimeProvider.System.GetTimestamp();
                Assert.True((await limits.Address.TakeAsync(Other)).IsAllowed);
                return TimeProvider.System.GetElapsedTime(started);
            }
        );
        var sorted = waits.Order().ToList();
        return (sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100]);
    }
}
