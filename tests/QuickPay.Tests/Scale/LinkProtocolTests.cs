using QuickPay.Cli.Scale.Links;

namespace QuickPay.Tests.Scale;

public class LinkProtocolTests
{
    public static TheoryData<string> Wrong => [.. LinkVariants.Wrong.Select(variant => variant.ToString())];

    [Fact]
    public void No_interleaving_of_crashes_and_lost_or_doubled_messages_harms_the_protocol()
    {
        var found = LinkExplorer.Explore(LinkVariant.Right);

        Assert.Null(found.Harm);
        Assert.Empty(found.Trace);
        // A model that cannot move is never wrong.
        Assert.True(found.States > 100, $"{found.States} states");
        Assert.True(found.Transitions > 400, $"{found.Transitions} transitions");
    }

    [Fact]
    public void Both_ends_can_be_reached_and_the_client_hears_of_each() =>
        Assert.Equal(
            [(LinkTold.Posted, (byte)1), (LinkTold.Refused, (byte)0)],
            Reachable(LinkVariant.Right)
                .Where(state => state is { Network: not LinkMessages.None, Told: not LinkTold.None })
                .Select(state => (state.Told, state.Destination.Credited))
                .Distinct()
                .Order()
        );

    /// <summary>Each is a mistake that looks harmless; an explorer that misses one proves nothing.</summary>
    [Theory]
    [MemberData(nameof(Wrong))]
    public void Every_wrong_protocol_is_found_out(string name)
    {
        var variant = Enum.Parse<LinkVariant>(name);
        var found = LinkExplorer.Explore(variant);

        Assert.NotNull(found.Harm);
        Assert.Equal(found.Trace.Count, LinkText.Of(found.Trace, variant).Count);
        Assert.True(found.Trace.Count is > 0 and <= 8, string.Join(" ", found.Trace));
        // The trace says what it must: played again, it leads there.
        var state = found.Trace.Aggregate(default(LinkState), (at, action) => LinkProtocol.Next(at, action, variant)!.Value);
        Assert.Equal(found.Harm, state.Harm ?? LinkExplorer.Unsettled(state, variant));
        // And it is the variant's fault: the protocol does not get there on the same way.
        Assert.Null(Follow(found.Trace)?.Harm);
    }

    [Fact]
    public void A_hold_that_is_given_back_without_asking_makes_money()
    {
        var found = LinkExplorer.Explore(LinkVariant.VoidsByTimeout);

        Assert.StartsWith("the recipient has what the sender neither paid nor holds", found.Harm, StringComparison.Ordinal);
        Assert.Equal(
            [LinkAction.RequestArrives, LinkAction.SourceCommits, LinkAction.RelaySends, LinkAction.TimeIsOver, LinkAction.PostArrives],
            found.Trace
        );
    }

    [Fact]
    public void Money_on_its_way_is_shown_as_held_and_never_twice() =>
        Assert.All(
            Reachable(LinkVariant.Right),
            state =>
            {
                var shown = state.Destination.Credited - state.Source.Debited;
                Assert.InRange(shown, 0, state.Source.Held);
            }
        );

    [Fact]
    public void When_all_is_quiet_both_settlement_accounts_mirror_each_other() =>
        Assert.All(
            Reachable(LinkVariant.Right),
            state =>
            {
                var end = LinkExplorer.Settle(state, LinkVariant.Right);
                Assert.Equal(end.Source.Debited, end.Destination.Credited);
                Assert.Equal(0, end.Source.Held);
                Assert.NotEqual(LinkOutcome.Pending, end.Source.Key);
            }
        );

    [Fact]
    public void Random_walks_of_many_transfers_find_nothing_and_are_repeated_by_their_seed()
    {
        var walks = Enumerable.Range(1, 200).Select(seed => LinkWalk.Run(seed, LinkVariant.Right)).ToList();

        Assert.All(walks, walk => Assert.Null(walk.Harm));
        Assert.True(walks.Sum(walk => walk.Posted) > 1_000);
        Assert.True(walks.Sum(walk => walk.Failures) > 5_000);
        Assert.Equal(walks[41], LinkWalk.Run(42, LinkVariant.Right));
        Assert.True(walks.Distinct().Count() > 100);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Random_walks_find_every_wrong_protocol_too(string name) =>
        Assert.Contains(Enumerable.Range(1, 1_000), seed => LinkWalk.Run(seed, Enum.Parse<LinkVariant>(name)).Harm is not null);

    private static LinkState? Follow(IEnumerable<LinkAction> trace)
    {
        var state = default(LinkState);
        foreach (var action in trace)
            state = LinkProtocol.Next(state, action, LinkVariant.Right) ?? state;
        return state;
    }

    private static List<LinkState> Reachable(LinkVariant variant)
    {
        var seen = new HashSet<LinkState> { default };
        var states = new List<LinkState> { default };
        for (var n = 0; n < states.Count; n++)
            foreach (var action in LinkProtocol.Actions)
                if (LinkProtocol.Next(states[n], action, variant) is { } next && seen.Add(next))
                    states.Add(next);
        return states;
    }
}
