namespace QuickPay.Cli.Scale.Links;

/// <summary>What a look at all states found.</summary>
/// <param name="States">Different ones that can be reached.</param>
/// <param name="Transitions">Actions that lead from one to another.</param>
/// <param name="Harm">What went wrong; null when nothing can.</param>
/// <param name="Trace">The shortest way to it.</param>
internal sealed record LinkExploration(int States, int Transitions, string? Harm, IReadOnlyList<LinkAction> Trace);

/// <summary>
/// Every interleaving of one linked transfer, without a bound: the network keeps what was sent for ever and may hand it over at any time, any
/// number of times or never; either ledger may restart or fail over between any two actions. Breadth first, so the first harm is a shortest one.
/// </summary>
internal static class LinkExplorer
{
    // Each round goes all the way there and back: two are enough, and duplicates would go round for ever.
    private const int RoundsMax = 4;

    // What goes on by itself when nothing is broken; no client, no clock.
    private static readonly LinkAction[] Quiet =
    [
        LinkAction.SourceCommits,
        LinkAction.RelaySends,
        LinkAction.PostArrives,
        LinkAction.LookUpArrives,
        LinkAction.DestinationCommits,
        LinkAction.DestinationAnswers,
        LinkAction.PostedArrives,
        LinkAction.RefusedArrives,
        LinkAction.NotKnownArrives,
    ];

    public static LinkExploration Explore(LinkVariant variant)
    {
        var cameFrom = new Dictionary<LinkState, (LinkState State, LinkAction Action)?> { [default] = null };
        var states = new List<LinkState> { default };
        var transitions = 0;
        for (var n = 0; n < states.Count; n++)
        {
            if (states[n].Harm is { } harm)
                return new(states.Count, transitions, harm, Way(states[n]));
            foreach (var action in LinkProtocol.Actions)
            {
                if (LinkProtocol.Next(states[n], action, variant) is not { } next)
                    continue;
                transitions++;
                if (cameFrom.TryAdd(next, (states[n], action)))
                    states.Add(next);
            }
        }
        // Nothing was ever wrong; does it always end?
        foreach (var state in states)
            if (Unsettled(state, variant) is { } unsettled)
                return new(states.Count, transitions, unsettled, Way(state));
        return new(states.Count, transitions, null, []);

        List<LinkAction> Way(LinkState to)
        {
            var way = new List<LinkAction>();
            for (var step = cameFrom[to]; step is { } from; step = cameFrom[from.State])
                way.Add(from.Action);
            way.Reverse();
            return way;
        }
    }

    /// <summary>From here all messages on their way are lost and then nothing breaks any more: does it end, both or neither?</summary>
    public static string? Unsettled(in LinkState state, LinkVariant variant)
    {
        var end = Settle(state, variant);
        return end.Harm ?? (end.IsSettled ? null : "it never ends: when all is quiet the amount is still held");
    }

    public static LinkState Settle(LinkState state, LinkVariant variant)
    {
        state = state with { Network = LinkMessages.None };
        for (var round = 0; round < RoundsMax && !state.IsSettled && state.Harm is null; round++)
            foreach (var action in Quiet)
                state = LinkProtocol.Next(state, action, variant) ?? state;
        return state;
    }
}
