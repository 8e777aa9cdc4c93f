using System.Buffers.Text;
using System.Text;

namespace QuickPay.Bench.Load;

/// <summary>
/// Writes a request as HTTP/1.1 bytes into a caller's buffer. What does not change between requests of one member (request line,
/// host, token) is one copied block; a new token replaces the block as a whole, so a loop never sees half of one.
/// </summary>
internal sealed class RequestWriter
{
    public const int BufferSize = 4_096;

    private static ReadOnlySpan<byte> BodyFrom => "{\"fromAccountId\":\""u8;
    private static ReadOnlySpan<byte> BodyTo => "\",\"to\":{\"accountId\":\""u8;
    private static ReadOnlySpan<byte> BodyAmount => "\"},\"amount\":"u8;
    private static ReadOnlySpan<byte> BodyEnd => ",\"currency\":\"KRW\"}"u8;

    private readonly AccountSet _accounts;
    private readonly ulong _runSeed;
    private readonly string _host;
    private readonly byte[][] _heads;
    private readonly byte[][] _readTails;

    public RequestWriter(AccountSet accounts, ulong runSeed, string host, IReadOnlyList<string> tokens)
    {
        _accounts = accounts;
        _runSeed = runSeed;
        _host = host;
        _heads = new byte[tokens.Count][];
        _readTails = new byte[tokens.Count][];
        for (var owner = 0; owner < tokens.Count; owner++)
        {
            ReplaceToken(owner, tokens[owner]);
        }
    }

    /// <summary>From now on the member's requests carry this token.</summary>
    public void ReplaceToken(int owner, string token)
    {
        var head =
            $"POST /v1/transfers HTTP/1.1\r\nHost: {_host}\r\nUser-Agent: QuickPay-Bench/1.0\r\nAccept: application/json\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: ";
        // 400 bytes hold what follows the head; a token that leaves less is refused here and not inside the loop.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(head.Length, BufferSize - 400, nameof(token));
        Volatile.Write(ref _heads[owner], Encoding.ASCII.GetBytes(head));
        var tail =
            $" HTTP/1.1\r\nHost: {_host}\r\nUser-Agent: QuickPay-Bench/1.0\r\nAccept: application/json\r\nAuthorization: Bearer {token}";
        Volatile.Write(ref _readTails[owner], Encoding.ASCII.GetBytes(tail));
    }

    /// <summary>Writes the whole request and returns its length.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="consistency">The client's consistency token; null or empty: none.</param>
    /// <param name="cursor">Where its first page ended, for a deeper one.</param>
    /// <param name="buffer">Of <see cref="BufferSize"/>.</param>
    public int Write(in LoadRequest request, ReadOnlySpan<byte> consistency, ReadOnlySpan<byte> cursor, Span<byte> buffer) =>
        request.Kind == RequestKind.Transfer
            ? WriteTransfer(request.Transfer, consistency, buffer)
            : WriteRead(request, consistency, cursor, buffer);

    private int WriteRead(in LoadRequest request, ReadOnlySpan<byte> consistency, ReadOnlySpan<byte> cursor, Span<byte> buffer)
    {
        var at = 0;
        switch (request.Kind)
        {
            case RequestKind.Rates:
                at += Append("GET /v1/rates?base=KRW"u8, buffer);
                break;
            case RequestKind.Empty:
                at += Append("GET /v1/rates?base=xx"u8, buffer);
                break;
            default:
                at += Append("GET /v1/accounts/"u8, buffer);
                _accounts.WriteId(request.Account, buffer[at..]);
                at += AccountSet.IdLength;
                at += Append(request.Kind == RequestKind.Balance ? "/balance"u8 : "/transactions"u8, buffer[at..]);
                break;
        }

        if (request.Kind == RequestKind.DeeperPage)
        {
            at += Append("?cursor="u8, buffer[at..]);
            at += Append(cursor, buffer[at..]);
        }

        at += Append(Volatile.Read(ref _readTails[_accounts.OwnerOf(request.Account)]), buffer[at..]);
        at += AppendConsistency(consistency, buffer[at..]);
        return at + Append("\r\n\r\n"u8, buffer[at..]);
    }

    private int WriteTransfer(in TransferRequest request, ReadOnlySpan<byte> consistency, Span<byte> buffer)
    {
        var head = Volatile.Read(ref _heads[_accounts.OwnerOf(request.From)]);
        head.CopyTo(buffer);
        var at = head.Length;
        TransferRequest.WriteKey(_runSeed, request.Sequence, buffer[at..]);
        at += TransferRequest.KeyLength;
        at += AppendConsistency(consistency, buffer[at..]);

        Span<byte> amount = stackalloc byte[11];
        Utf8Formatter.TryFormat(request.Amount, amount, out var digits);
        var length = BodyFrom.Length + BodyTo.Length + BodyAmount.Length + BodyEnd.Length + 2 * AccountSet.IdLength + digits;
        at += Append("\r\nContent-Length: "u8, buffer[at..]);
        Utf8Formatter.TryFormat(length, buffer[at..], out var lengthDigits);
        at += lengthDigits;
        at += Append("\r\n\r\n"u8, buffer[at..]);

        at += Append(BodyFrom, buffer[at..]);
        _accounts.WriteId(request.From, buffer[at..]);
        at += AccountSet.IdLength;
        at += Append(BodyTo, buffer[at..]);
        _accounts.WriteId(request.To, buffer[at..]);
        at += AccountSet.IdLength;
        at += Append(BodyAmount, buffer[at..]);
        at += Append(amount[..digits], buffer[at..]);
        at += Append(BodyEnd, buffer[at..]);
        return at;
    }

    private static int AppendConsistency(ReadOnlySpan<byte> token, Span<byte> buffer)
    {
        if (token.IsEmpty)
        {
            return 0;
        }

        var at = Append("\r\nQuickPay-Consistency: "u8, buffer);
        return at + Append(token, buffer[at..]);
    }

    private static int Append(ReadOnlySpan<byte> part, Span<byte> buffer)
    {
        part.CopyTo(buffer);
        return part.Length;
    }
}
