using Microsoft.Extensions.Time.Testing;
using QuickPay.Cli.Drills.Traffic;

namespace QuickPay.Tests.Drills;

public sealed class EdgeChoiceTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly EdgeChoice _choice;

    public EdgeChoiceTests()
    {
        _choice = new EdgeChoice(2, _clock);
        _choice.Answered(0);
        _choice.Answered(1);
        _clock.Advance(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Everybody_has_an_edge() => Assert.Equal([0, 1, 0, 1], Enumerable.Range(0, 4).Select(_choice.Next));

    [Fact]
    public void One_that_failed_is_left_alone_until_one_request_has_tried_it()
    {
        _choice.Failed(0);
        Assert.Equal((1, 1), (_choice.Next(0), _choice.Next(1)));

        _clock.Advance(EdgeChoice.Pause);
        Assert.Equal((0, 1, 1), (_choice.Next(0), _choice.Next(0), _choice.Next(2)));
        _choice.Failed(0);
        Assert.Equal(1, _choice.Next(0));

        _clock.Advance(EdgeChoice.Pause);
        Assert.Equal((0, 1), (_choice.Next(0), _choice.Next(0)));
        _choice.Answered(0);
        Assert.Equal((0, 0, 1), (_choice.Next(0), _choice.Next(2), _choice.Next(1)));
    }

    [Fact]
    public void One_that_answered_somebody_meanwhile_is_not_to_blame_for_a_timeout()
    {
        var since = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(5));
        _choice.Answered(0);
        _choice.TimedOut(0, since);
        _choice.TimedOut(1, since);

        Assert.Equal((0, 0), (_choice.Next(0), _choice.Next(1)));
    }

    [Fact]
    public void When_all_are_silent_each_goes_on_with_the_own()
    {
        _choice.Failed(0);
        _choice.Failed(1);

        Assert.Equal((0, 1), (_choice.Next(0), _choice.Next(1)));
    }
}
