namespace QuickPay.Bench.Load;

/// <summary>A transfer and how it was answered, kept whole so that it can be sent again and compared.</summary>
internal sealed record AnsweredTransfer(TransferRequest Request, Guid Id, byte[] Body);

/// <summary>
/// What the generator must later prove: every acknowledged id (16 bytes each, in blocks), a fair sample of answers to replay
/// (reservoir, algorithm R), and the requests whose outcome is unknown. One writer, its loop.
/// </summary>
internal sealed class Acknowledged(int sampleSize, ulong seed)
{
    private const int BlockSize = 65_536;

    private readonly List<Guid[]> _blocks = [];
    private readonly List<AnsweredTransfer> _sample = [];
    private readonly List<TransferRequest> _unknown = [];
    private LoadRandom _random = new(seed);

    public long Count { get; private set; }

    /// <summary>Answers drawn evenly from all of them.</summary>
    public IReadOnlyList<AnsweredTransfer> Sample => _sample;

    /// <summary>Sent, and no clean answer came: broken connection, timeout, 503 outcome_unknown, 5xx.</summary>
    public IReadOnlyList<TransferRequest> Unknown => _unknown;

    public void Add(in TransferRequest request, Guid id, ReadOnlySpan<byte> body)
    {
        var offset = (int)(Count % BlockSize);
        if (offset == 0)
        {
            _blocks.Add(new Guid[BlockSize]);
        }

        _blocks[^1][offset] = id;
        Count++;
        if (_sample.Count < sampleSize)
        {
            _sample.Add(new AnsweredTransfer(request, id, body.ToArray()));
        }
        else if (_random.NextBelow(Count) is var slot && slot < sampleSize)
        {
            _sample[(int)slot] = new AnsweredTransfer(request, id, body.ToArray());
        }
    }

    public void AddUnknown(in TransferRequest request) => _unknown.Add(request);

    public IEnumerable<Guid> Ids()
    {
        var left = Count;
        foreach (var block in _blocks)
        {
            for (var i = 0; i < block.Length && left > 0; i++, left--)
            {
                yield return block[i];
            }
        }
    }
}
