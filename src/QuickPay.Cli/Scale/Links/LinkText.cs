using static QuickPay.Cli.Scale.Links.LinkAction;

namespace QuickPay.Cli.Scale.Links;

/// <summary>Traces for people.</summary>
internal static class LinkText
{
    /// <summary>What happened, action by action, each with the books after it.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<LinkAction> actions, LinkVariant variant)
    {
        var lines = new List<string>();
        var state = default(LinkState);
        for (var n = 0; n < actions.Count; n++)
        {
            var before = state;
            state = LinkProtocol.Next(state, actions[n], variant)!.Value;
            var again = IsArrival(actions[n]) && actions.Take(n).Contains(actions[n]) ? ", again (doubled or late)" : "";
            lines.Add($"{Words(actions[n], before, variant)}{again}  [{Books(state)}]");
        }
        return lines;
    }

    private static string Words(LinkAction action, in LinkState before, LinkVariant variant) =>
        action switch
        {
            RequestArrives => before.Source.Key == LinkOutcome.None
                ? "source: the request arrives; the amount is held"
                : "source: the client sends its request again",
            RequestWithoutFunds => "source: the request arrives; the balance is too low",
            SourceCommits => "source: its standby has it",
            SourceRestarts => "source: restarts; what was in memory is gone",
            SourceFailsOver => "source: fails over; what its standby lacked is gone",
            RelaySends => "source: sends 'post'",
            TimeIsOver => variant == LinkVariant.VoidsByTimeout
                ? "source: time is over; the hold is given back"
                : "source: time is over; sends 'look up'",
            ClientIsTold => $"source: tells the client '{(before.Source.Key == LinkOutcome.Refused ? "refused" : "posted")}'",
            PostedArrives => "source: 'posted' arrives; it settles",
            RefusedArrives => "source: 'refused' arrives; the hold is given back",
            NotKnownArrives => "source: 'not known' arrives; the hold is given back",
            PostArrives => before.Closed
                ? "destination: 'post' arrives; refused"
                : "destination: 'post' arrives; the recipient is credited",
            LookUpArrives => "destination: 'look up' arrives",
            DestinationCommits => "destination: its standby has it",
            DestinationRestarts => "destination: restarts; what was in memory is gone",
            DestinationFailsOver => "destination: fails over; what its standby lacked is gone",
            DestinationAnswers => $"destination: answers '{Name(before.Destination.Key)}'",
            SenderIsFrozen => "source: the sender's account is frozen",
            RecipientCloses => "destination: the recipient's account is closed",
        };

    private static bool IsArrival(LinkAction action) =>
        action is PostArrives or PostedArrives or RefusedArrives or NotKnownArrives or LookUpArrives;

    private static string Books(in LinkState state) =>
        $"sender held {state.Source.Held} paid {state.Source.Debited}, recipient got {state.Destination.Credited}";

    private static string Name(LinkOutcome outcome) => outcome == LinkOutcome.Posted ? "posted" : "refused";
}
