namespace QuickPay.Bench.Load;

/// <summary>Which requests a load consists of.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Parts">How many of the whole's parts each kind has.</param>
internal sealed record LoadMix(string Name, IReadOnlyList<(RequestKind Kind, int Parts)> Parts)
{
    public static readonly LoadMix Transfers = Only("transfers", RequestKind.Transfer);

    /// <summary>What members do with their wallets: 95 of 100 requests read.</summary>
    public static readonly LoadMix Members = new(
        "mix",
        [
            (RequestKind.Balance, 60),
            (RequestKind.FirstPage, 25),
            (RequestKind.DeeperPage, 5),
            (RequestKind.Rates, 5),
            (RequestKind.Transfer, 5),
        ]
    );

    public static LoadMix Only(string name, RequestKind kind) => new(name, [(kind, 1)]);

    /// <summary>Then its clients remember what they have seen.</summary>
    public bool HasReads => Parts.Any(part => part.Kind != RequestKind.Transfer);

    public bool HasTransfers => Parts.Any(part => part.Kind == RequestKind.Transfer);
}

/// <summary>Draws requests: the kind by the mix, the client by popularity.</summary>
internal sealed class MixDraw(LoadMix mix, AccountSet accounts, double skew, ulong seed)
{
    private readonly TransferDraw _transfers = new(accounts, skew, seed);
    private readonly ZipfSampler _ranks = new(accounts.Count, skew);
    private readonly int _parts = mix.Parts.Sum(part => part.Parts);
    private LoadRandom _random = new(LoadRandom.Mix(seed));

    public LoadRequest Next(ulong sequence)
    {
        var kind = NextKind();
        return kind == RequestKind.Transfer
            ? new LoadRequest(kind, _transfers.Next(sequence))
            : new LoadRequest(kind, new TransferRequest(sequence, accounts.IndexOfRank(_ranks.Next(ref _random)), 0, 0));
    }

    private RequestKind NextKind()
    {
        var left = mix.Parts.Count == 1 ? 0 : _random.NextBelow(_parts);
        foreach (var (kind, parts) in mix.Parts)
        {
            if (left < parts)
            {
                return kind;
            }

            left -= parts;
        }

        throw new InvalidOperationException("A mix without parts.");
    }
}
