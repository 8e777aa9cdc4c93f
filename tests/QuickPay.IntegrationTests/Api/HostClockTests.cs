using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Hosting;
using QuickPay.IntegrationTests.Support;
using QuickPay.Redis;

namespace QuickPay.IntegrationTests.Api;

/// <summary>A server whose clock is wrong takes itself out; one whose database's clock is wrong does not.</summary>
public sealed class HostClockTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(2, -2, false)]
    [InlineData(3_600, 3_600, true)]
    [InlineData(-3_600, -3_601, true)]
    [InlineData(3, 3, true)]
    // One of the others is wrong.
    [InlineData(3_600, 0, false)]
    [InlineData(0, 3_600, false)]
    // All three differ: nobody can tell.
    [InlineData(3_600, -3_600, false)]
    public void Ours_is_wrong_when_the_other_two_agree_against_it(int second, int third, bool isWrong) =>
        Assert.Equal(isWrong, HostClock.IsOddOneOut(Now, Now.AddSeconds(second), Now.AddSeconds(third)));

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_has_jumped_is_told_by_Redis_and_by_PostgreSQL_together(int hours)
    {
        var redis = Bank.Service<RedisConnection>();
        await Eventually.IsTrueAsync(redis.IsReadyAsync, "Redis answers");
        var right = TimeProvider.System.GetUtcNow();
        // Redis's clock is the machine's: the database's stands for it where the two agree.
        var ours = new FakeTimeProvider(right.AddHours(hours));
        var clock = new HostClock(ours, NullLogger<HostClock>.Instance, redis);

        Assert.False(await clock.IsRightAsync(right));
        Assert.True(await clock.IsRightAsync(ours.GetUtcNow()));
        Assert.True(await clock.IsRightAsync(right.AddHours(hours * 2)));
    }

    [Fact]
    public async Task Without_a_third_clock_nobody_can_tell()
    {
        var clock = new HostClock(new FakeTimeProvider(Now), NullLogger<HostClock>.Instance);
        Assert.True(await clock.IsRightAsync(Now.AddHours(1)));
    }

    [Fact]
    public async Task While_Redis_is_away_what_was_found_before_holds()
    {
        await using var redis = new RedisConnection(Bank.Service<IOptions<RedisOptions>>());
        await Eventually.IsTrueAsync(redis.IsReadyAsync, "Redis answers");
        var right = TimeProvider.System.GetUtcNow();
        var ours = new FakeTimeProvider(right.AddHours(1));
        var clock = new HostClock(ours, NullLogger<HostClock>.Instance, redis);
        Assert.False(await clock.IsRightAsync(right));

        await redis.DisposeAsync();

        Assert.False(await clock.IsRightAsync(right));
        Assert.True(await clock.IsRightAsync(ours.GetUtcNow()));
    }
}
