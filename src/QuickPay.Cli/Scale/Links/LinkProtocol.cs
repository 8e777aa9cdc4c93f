using static QuickPay.Cli.Scale.Links.LinkVariant;

namespace QuickPay.Cli.Scale.Links;

/// <summary>One thing that may happen next.</summary>
internal enum LinkAction
{
    RequestArrives,
    RequestWithoutFunds,
    SourceCommits,
    SourceRestarts,
    SourceFailsOver,
    RelaySends,
    TimeIsOver,
    ClientIsTold,
    PostedArrives,
    RefusedArrives,
    NotKnownArrives,
    PostArrives,
    LookUpArrives,
    DestinationCommits,
    DestinationRestarts,
    DestinationFailsOver,
    DestinationAnswers,
    RecipientCloses,
    SenderIsFrozen,
}

/// <summary>
/// How a transfer across two ledgers goes, as a pure function from a state and an action to the next state.
/// <code>
///   source                                   destination
///   key + hold + outbox row, one commit
///        ── post (again until answered) ──>  key + credit, or key + refusal, one commit
///        &lt;── posted or refused ────────────  after that commit is on its standby
///   settle or give back + outbox row closed
///   too long? ── look-up ─────────────────>  writes "refused" under a key it does not know, then answers
/// </code>
/// </summary>
internal static class LinkProtocol
{
    private const byte CountMax = 2;

    public static IReadOnlyList<LinkAction> Actions { get; } = Enum.GetValues<LinkAction>();

    /// <summary>The next state; null when the action cannot happen now or changes nothing.</summary>
    public static LinkState? Next(in LinkState state, LinkAction action, LinkVariant variant)
    {
        var next = action switch
        {
            LinkAction.RequestArrives => Request(state, variant),
            LinkAction.RequestWithoutFunds => state.Source.Key == LinkOutcome.None
                ? state with
                {
                    Source = state.Source with { Key = LinkOutcome.Refused },
                }
                : state,
            LinkAction.SourceCommits => state with { SourceSafe = state.Source },
            LinkAction.SourceRestarts => state with { Remembers = false },
            LinkAction.SourceFailsOver => state with { Source = state.SourceSafe, Remembers = false },
            LinkAction.RelaySends => HasToSend(state, variant) ? state with { Network = state.Network | LinkMessages.Post } : state,
            LinkAction.TimeIsOver => state.Source.Key == LinkOutcome.Pending ? GiveUp(state, variant) : state,
            LinkAction.ClientIsTold => Tell(state, variant),
            LinkAction.PostedArrives => Arrived(state, LinkMessages.Posted) ? Settle(state, variant) : state,
            LinkAction.RefusedArrives => Arrived(state, LinkMessages.Refused) ? GiveBack(state) : state,
            LinkAction.NotKnownArrives => Arrived(state, LinkMessages.NotKnown) ? GiveBack(state) : state,
            LinkAction.PostArrives => Arrived(state, LinkMessages.Post) ? Post(state, variant) : state,
            LinkAction.LookUpArrives => Arrived(state, LinkMessages.LookUp) ? LookUp(state, variant) : state,
            LinkAction.DestinationCommits => state with { DestinationSafe = state.Destination },
            LinkAction.DestinationRestarts => state with { Owes = false },
            LinkAction.DestinationFailsOver => state with { Destination = state.DestinationSafe, Owes = false },
            LinkAction.DestinationAnswers => Answer(state, variant),
            LinkAction.RecipientCloses => state with { Closed = true },
            LinkAction.SenderIsFrozen => state.Source.Key == LinkOutcome.Pending ? state with { Frozen = true } : state,
        };
        return next == state ? null : next;
    }

    private static bool Arrived(in LinkState state, LinkMessages message) => (state.Network & message) != 0;

    /// <summary>The client's request, for the first time or again: key, hold and outbox row are one commit.</summary>
    private static LinkState Request(in LinkState state, LinkVariant variant) =>
        state.Source.Key switch
        {
            LinkOutcome.None => state with
            {
                Source = new(LinkOutcome.Pending, Held: 1, Debited: 0, Outbox: variant != OutboxInMemory),
                Remembers = variant == OutboxInMemory,
            },
            LinkOutcome.Pending when variant == RetryHoldsAgain && state.Source.Held < CountMax => state with
            {
                Source = state.Source with { Held = (byte)(state.Source.Held + 1) },
            },
            _ => state,
        };

    private static bool HasToSend(in LinkState state, LinkVariant variant) =>
        variant == OutboxInMemory ? state.Remembers && state.SourceSafe.Key == LinkOutcome.Pending
        : variant == SendsBeforeDurable ? state.Source.Outbox
        : state.Source.Outbox && state.SourceSafe.Outbox;

    /// <summary>Nobody voids alone: whether the destination has posted is known to the destination only.</summary>
    private static LinkState GiveUp(in LinkState state, LinkVariant variant) =>
        variant == VoidsByTimeout ? GiveBack(state)
        : state.SourceSafe.Key == LinkOutcome.Pending ? state with { Network = state.Network | LinkMessages.LookUp }
        : state;

    private static LinkState Tell(in LinkState state, LinkVariant variant) =>
        state.Source != state.SourceSafe
            ? state
            : state.Source.Key switch
            {
                LinkOutcome.Posted => state with { Told = state.Told | LinkTold.Posted },
                LinkOutcome.Refused => state with { Told = state.Told | LinkTold.Refused },
                LinkOutcome.Pending when variant == TellsBeforeTheEnd => state with { Told = state.Told | LinkTold.Posted },
                _ => state,
            };

    private static LinkState Settle(in LinkState state, LinkVariant variant)
    {
        var source = state.Source;
        if (variant == FrozenDoNotSettle && state.Frozen)
            return state;
        if (source.Key == LinkOutcome.Pending)
            return state with { Source = new(LinkOutcome.Posted, (byte)(source.Held - 1), (byte)(source.Debited + 1), Outbox: false) };
        return variant == SourceSettlesTwice && source.Key == LinkOutcome.Posted && source.Debited < CountMax
            ? state with
            {
                Source = source with { Debited = (byte)(source.Debited + 1) },
            }
            : state;
    }

    private static LinkState GiveBack(in LinkState state) =>
        state.Source.Key == LinkOutcome.Pending
            ? state with
            {
                Source = new(LinkOutcome.Refused, 0, state.Source.Debited, Outbox: false),
            }
            : state;

    private static LinkState Post(in LinkState state, LinkVariant variant)
    {
        var destination = state.Destination;
        if (destination.Key != LinkOutcome.None && (variant != DestinationForgets || destination.Credited == CountMax))
            return state with { Owes = true };
        return state with
        {
            Destination = state.Closed
                ? destination with
                {
                    Key = LinkOutcome.Refused,
                }
                : new(LinkOutcome.Posted, (byte)(destination.Credited + 1)),
            Owes = true,
        };
    }

    /// <summary>A key that can be written as refused proves that the post can never be: it would find the key.</summary>
    private static LinkState LookUp(in LinkState state, LinkVariant variant)
    {
        if (state.Destination.Key != LinkOutcome.None)
            return state with { Owes = true };
        return variant == LooksUpWithoutWriting
            ? state with
            {
                Network = state.Network | LinkMessages.NotKnown,
            }
            : state with
            {
                Destination = state.Destination with { Key = LinkOutcome.Refused },
                Owes = true,
            };
    }

    private static LinkState Answer(in LinkState state, LinkVariant variant) =>
        state.Owes && (variant == AnswersBeforeDurable || state.Destination == state.DestinationSafe)
            ? state with
            {
                Network = state.Network | (state.Destination.Key == LinkOutcome.Posted ? LinkMessages.Posted : LinkMessages.Refused),
                Owes = false,
            }
            : state;
}
