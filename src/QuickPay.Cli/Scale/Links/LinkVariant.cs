namespace QuickPay.Cli.Scale.Links;

/// <summary>The protocol, and ways to get it wrong that look harmless. The explorer must find each of the latter.</summary>
internal enum LinkVariant
{
    Right,
    AnswersBeforeDurable,
    SendsBeforeDurable,
    VoidsByTimeout,
    LooksUpWithoutWriting,
    DestinationForgets,
    SourceSettlesTwice,
    FrozenDoNotSettle,
    OutboxInMemory,
    RetryHoldsAgain,
    TellsBeforeTheEnd,
}

internal static class LinkVariants
{
    public static IReadOnlyList<LinkVariant> Wrong { get; } =
    [.. Enum.GetValues<LinkVariant>().Where(variant => variant != LinkVariant.Right)];

    /// <summary>What it does otherwise than the protocol.</summary>
    public static string Describe(LinkVariant variant) =>
        variant switch
        {
            LinkVariant.Right => "hold + outbox, post under the key, settle; look-ups that fence; answers after durable commits only",
            LinkVariant.AnswersBeforeDurable => "the destination answers before its commit is on its standby",
            LinkVariant.SendsBeforeDurable => "the source sends before its hold is on its standby",
            LinkVariant.VoidsByTimeout => "the source gives the hold back when its time is over, without asking",
            LinkVariant.LooksUpWithoutWriting => "the source asks first, but the destination does not write that it said no",
            LinkVariant.DestinationForgets => "the destination does not keep the key",
            LinkVariant.SourceSettlesTwice => "the source settles at every answer",
            LinkVariant.FrozenDoNotSettle => "the source settles for active accounts only, as a capture does today",
            LinkVariant.OutboxInMemory => "what is to be sent is remembered, not written with the hold",
            LinkVariant.RetryHoldsAgain => "the client's key is not written with the hold",
            LinkVariant.TellsBeforeTheEnd => "the client is told 'posted' when its money is held",
        };
}
