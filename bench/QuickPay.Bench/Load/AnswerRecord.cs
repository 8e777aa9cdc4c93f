using System.Text;

namespace QuickPay.Bench.Load;

/// <summary>What one loop was answered: what must be proven later, how long each kind of request took, and what was not as it should be.</summary>
internal sealed class AnswerRecord(ClientMemory? memory, Acknowledged proof)
{
    private const int ShownMax = 400;

    private readonly SortedDictionary<int, long> _statuses = [];
    private readonly SortedDictionary<RequestKind, KindTally> _kinds = [];

    public Acknowledged Proof => proof;

    /// <summary>Good answers so far, warm-up included. Another thread may look.</summary>
    public long Answered { get; private set; }

    /// <summary>Answers by status code, warm-up included. Read it after the run.</summary>
    public IReadOnlyDictionary<int, long> Statuses => _statuses;

    /// <summary>The measured window's good answers by what was asked. Read it after the run.</summary>
    public IReadOnlyDictionary<RequestKind, KindTally> Kinds => _kinds;

    /// <summary>The first answer that was not good, or not understood, for the report.</summary>
    public string? FirstOddAnswer { get; private set; }

    /// <summary>The first read that was not as it must be.</summary>
    public string? FirstWrongAnswer { get; private set; }

    /// <summary>Takes the answer to what is under way on a connection.</summary>
    /// <returns>Whether it was good.</returns>
    public bool Take(LoadConnection connection, in ParsedResponse response, LoadInterval interval)
    {
        var request = connection.Request;
        var bytes = connection.ReceiveBuffer.AsSpan(0, response.Length);
        var body = bytes.Slice(response.BodyStart, response.BodyLength);
        _statuses[response.Status] = _statuses.GetValueOrDefault(response.Status) + 1;
        switch (AnswerJudge.Of(request, connection.Floor, response.Status, body, out var id))
        {
            case AnswerVerdict.Good:
                if (request.Kind == RequestKind.Transfer)
                {
                    proof.Add(request.Transfer, id, body);
                }

                memory?.Learn(request, bytes.Slice(response.TokenStart, response.TokenLength), bytes);
                Answered++;
                interval.Committed++;
                return true;
            case AnswerVerdict.Refused:
                FirstOddAnswer ??= Odd(response.Status, body);
                interval.Refused++;
                return false;
            case AnswerVerdict.Unknown:
                FirstOddAnswer ??= Odd(response.Status, body);
                proof.AddUnknown(request.Transfer);
                interval.Unknown++;
                return false;
            default:
                FirstWrongAnswer ??=
                    $"{request.Kind} of account {request.Account}, seen version {connection.Floor}: {Odd(response.Status, body)}";
                interval.Wrong++;
                return false;
        }
    }

    /// <summary>Adds to the times of its kind.</summary>
    public void Time(RequestKind kind, long microseconds)
    {
        if (!_kinds.TryGetValue(kind, out var tally))
        {
            _kinds.Add(kind, tally = new KindTally());
        }

        tally.Add(microseconds);
    }

    /// <summary>No answer will come any more.</summary>
    public void GiveUp(in LoadRequest request, LoadInterval interval)
    {
        if (request.Kind == RequestKind.Transfer)
        {
            proof.AddUnknown(request.Transfer);
        }

        interval.Unknown++;
    }

    /// <summary>What came is no answer.</summary>
    public void NotUnderstood(ReadOnlySpan<byte> bytes) =>
        FirstOddAnswer ??= Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, ShownMax)]);

    private static string Odd(int status, ReadOnlySpan<byte> body) =>
        $"{status}: {Encoding.UTF8.GetString(body[..Math.Min(body.Length, ShownMax)])}";
}
