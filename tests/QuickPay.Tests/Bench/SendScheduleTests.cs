using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class SendScheduleTests
{
    private const long TicksPerSecond = 1_000_000_000;

    [Fact]
    public void A_fixed_schedule_keeps_its_rate_to_the_tick_for_an_hour()
    {
        const int Rate = 700; // does not divide a second evenly
        var schedule = new SendSchedule(Rate, 5_000, TicksPerSecond, Arrivals.Fixed, 1);
        long last = 0;
        for (var i = 0; i <= Rate * 3_600; i++)
        {
            last = schedule.Take();
        }

        Assert.Equal(5_000 + 3_600 * TicksPerSecond, last);
    }

    [Fact]
    public void Random_arrivals_come_in_order_at_their_rate()
    {
        const int Rate = 1_000;
        var schedule = new SendSchedule(Rate, 0, TicksPerSecond, Arrivals.Poisson, 42);
        long last = 0;
        for (var i = 0; i < Rate * 100; i++)
        {
            var next = schedule.Take();
            Assert.True(next >= last);
            last = next;
        }

        // 100,000 exponential gaps: their sum has a standard deviation of 0.3 % of itself.
        Assert.InRange(last, 99 * TicksPerSecond, 101 * TicksPerSecond);
    }

    [Fact]
    public void The_next_time_does_not_depend_on_when_the_last_one_was_taken()
    {
        var schedule = new SendSchedule(10, 0, TicksPerSecond, Arrivals.Fixed, 1);
        Assert.Equal(0, schedule.NextTicks);
        schedule.Take();
        Assert.Equal(TicksPerSecond / 10, schedule.NextTicks);
        Assert.Equal(TicksPerSecond / 10, schedule.NextTicks);
    }
}
