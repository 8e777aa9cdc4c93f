using CsCheck;
using QuickPay.Edge.Limits;

namespace QuickPay.Tests.Edge.Limits;

public sealed class LeaseLogTests
{
    [Fact]
    public void A_lease_counts_up_to_the_end_of_its_window_and_not_at_it()
    {
        var log = new LeaseLog(leasesMax: 1, window: 1_000);
        log.Add(500);

        Assert.Equal(0, log.Room(1_499));
        Assert.Equal(1_500, log.OldestLeavesAt);
        Assert.Equal(1, log.Room(1_500));
    }

    [Fact]
    public void It_remembers_exactly_as_a_list_would() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[0, 40].Array[0, 200])
            .Sample(
                (leasesMax, steps) =>
                {
                    const long Window = 100;
                    var log = new LeaseLog(leasesMax, Window);
                    var list = new List<long>();
                    var now = 0L;
                    foreach (var step in steps)
                    {
                        now += step;
                        list.RemoveAll(time => now - time >= Window);
                        if (log.Room(now) != leasesMax - list.Count || (list.Count > 0 && log.OldestLeavesAt != list[0] + Window))
                        {
                            return false;
                        }
                        if (list.Count < leasesMax)
                        {
                            list.Add(now);
                            log.Add(now);
                        }
                    }
                    return true;
                }
            );
}
