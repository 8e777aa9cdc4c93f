namespace QuickPay.Cli.Scale.Links;

/// <summary>What stands under a linked transfer's key in a ledger.</summary>
internal enum LinkOutcome : byte
{
    None,

    /// <summary>Held at the source; only the destination can say how it ends.</summary>
    Pending,
    Posted,
    Refused,
}

/// <summary>Between the ledgers. What was once sent may arrive never, once, often, late and in any order.</summary>
[Flags]
internal enum LinkMessages : byte
{
    None = 0,
    Post = 1,

    /// <summary>"If you do not know this key, refuse it for ever; in any case say what you know."</summary>
    LookUp = 2,
    Posted = 4,
    Refused = 8,

    /// <summary>Only of a look-up that writes nothing, which is wrong.</summary>
    NotKnown = 16,
}

/// <summary>What the client was told for good.</summary>
[Flags]
internal enum LinkTold : byte
{
    None = 0,
    Posted = 1,
    Refused = 2,
}

/// <summary>The payer's ledger: key, open holds of the payer, how often the payer was debited, and the outbox row.</summary>
internal readonly record struct SourceBooks(LinkOutcome Key, byte Held, byte Debited, bool Outbox);

/// <summary>The recipient's ledger: key, and how often the recipient was credited.</summary>
internal readonly record struct DestinationBooks(LinkOutcome Key, byte Credited);

/// <summary>
/// One linked transfer over two ledgers. Each ledger has its books as its primary shows them, and as its standby has them (Safe): a failover
/// goes back to those. The settlement accounts follow: at the source it has what the payer was debited, at the destination it owes what the
/// recipient was credited.
/// </summary>
/// <param name="Owes">The destination's server remembers that it owes an answer; a crash forgets.</param>
/// <param name="Remembers">The source's server remembers what to send; only the variant without an outbox needs that.</param>
/// <param name="Frozen">The payer's account is frozen after its money was held.</param>
/// <param name="Closed">The recipient's account is closed: the destination refuses.</param>
internal readonly record struct LinkState(
    SourceBooks Source,
    SourceBooks SourceSafe,
    DestinationBooks Destination,
    DestinationBooks DestinationSafe,
    LinkMessages Network,
    LinkTold Told,
    bool Owes,
    bool Remembers,
    bool Frozen,
    bool Closed
)
{
    /// <summary>Both ledgers are through with it and agree.</summary>
    public bool IsSettled => Source is { Held: 0, Outbox: false, Key: not LinkOutcome.Pending } && Source.Debited == Destination.Credited;

    /// <summary>
    /// What must never be, at any moment, whatever was lost, doubled, late or crashed; null when all is well. The heart is
    /// 0 ≤ credited − debited ≤ held: no money vanishes, none is made, and money in transit is shown as held by the payer.
    /// </summary>
    public string? Harm =>
        this switch
        {
            _ when Destination.Credited > Source.Debited + Source.Held =>
                "the recipient has what the sender neither paid nor holds: money was made",
            _ when Source.Debited > Destination.Credited => "the sender paid more than the recipient got: money was lost",
            _ when Source.Held + Source.Debited > 1 => "one key holds or pays twice",
            _ when Told == (LinkTold.Posted | LinkTold.Refused) => "one key had two answers",
            _ when Told == LinkTold.Posted && Source.Key == LinkOutcome.Refused => "the client was told 'posted', the books say 'refused'",
            _ when Told == LinkTold.Refused && Source.Key == LinkOutcome.Posted => "the client was told 'refused', the books say 'posted'",
            _ => null,
        };
}
