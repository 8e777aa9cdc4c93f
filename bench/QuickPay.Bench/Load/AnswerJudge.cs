using System.Buffers.Text;

namespace QuickPay.Bench.Load;

/// <summary>What an answer is worth.</summary>
internal enum AnswerVerdict
{
    /// <summary>A committed transfer, or a read as it should be.</summary>
    Good,

    /// <summary>Nothing was done and nothing shown: a refusal, or a server that asks to come again.</summary>
    Refused,

    /// <summary>A transfer that may or may not be in the books.</summary>
    Unknown,

    /// <summary>A read that shows less than its client has seen before, or that should have been answered and was not.</summary>
    Wrong,
}

/// <summary>Judges an answer by what was asked, and by what its client had seen when it asked.</summary>
internal static class AnswerJudge
{
    /// <param name="request">What was asked.</param>
    /// <param name="floor">The account's version in the token that was sent; 0 without one.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="body">The beginning of it at least.</param>
    /// <param name="id">Of a committed transfer.</param>
    public static AnswerVerdict Of(in LoadRequest request, long floor, int status, ReadOnlySpan<byte> body, out Guid id)
    {
        id = default;
        if (request.Kind != RequestKind.Transfer)
        {
            return OfRead(request, floor, status, body);
        }

        if (status == 201 && ResponseParser.TryReadId(body, out id))
        {
            return AnswerVerdict.Good;
        }

        // A refusal promises that nothing moved; every other answer leaves it open until the key is sent again.
        return status is >= 400 and < 500 and not 409 || body.IndexOf("\"overloaded\""u8) >= 0
            ? AnswerVerdict.Refused
            : AnswerVerdict.Unknown;
    }

    private static AnswerVerdict OfRead(in LoadRequest request, long floor, int status, ReadOnlySpan<byte> body)
    {
        if (status is 503 or 429)
        {
            return AnswerVerdict.Refused;
        }

        if (status != request.ExpectedStatus)
        {
            return AnswerVerdict.Wrong;
        }

        // A balance says its version; the newest row of a history has the account's.
        return request.Kind is RequestKind.Balance or RequestKind.FirstPage && VersionIn(body) < floor
            ? AnswerVerdict.Wrong
            : AnswerVerdict.Good;
    }

    /// <summary>The first version that a body names; 0 when none: an account without a history.</summary>
    private static long VersionIn(ReadOnlySpan<byte> body)
    {
        var name = "\"version\":"u8;
        var at = body.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(body[(at + name.Length)..], out long version, out _) ? version : 0;
    }
}
