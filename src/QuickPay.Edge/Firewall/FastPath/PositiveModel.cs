using System.Buffers;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>
/// The positive model of the calls that members make all the time: a request passes without an inspection when every part of it has a
/// form in which no rule can find anything.
/// <list type="number">
/// <item>The target is the declared path with ids, and declared query fields (<see cref="TargetClass"/>).</item>
/// <item>The body is the declared object; its memo is made of harmless words (<see cref="BodyClass"/>, <see cref="MemoClass"/>).</item>
/// <item>The access token was verified; headers have their shape, and the rest of them, as a set, was inspected before and found clean
/// (<see cref="HeaderClass"/>).</item>
/// </list>
/// A memo of other words passes too once it was inspected together with these headers and found clean: people write the same ones again.
/// That this lets nothing pass that the rules would find is not argued but tried: FastPathDifferentialTests.
/// </summary>
/// <param name="vocabulary">The words of the rules.</param>
/// <param name="isEnabled">False when nothing is known of the rules: then nothing passes here.</param>
/// <param name="budget">Null: everything that may be is learned.</param>
internal sealed class PositiveModel(Vocabulary vocabulary, bool isEnabled = true, LearningBudget? budget = null) : IPositiveModel
{
    private const int HeaderSetsMax = 4_096;
    private const int MemosMax = 4_096;
    private const int TextMax = HeaderClass.TextMax + MemoClass.BytesMax;

    private readonly TargetClass _targets = new(vocabulary);
    private readonly MemoClass _memos = new(vocabulary);
    private readonly HeaderClass _headers = new(vocabulary);
    private readonly ProvenTexts _provenHeaders = new(HeaderSetsMax);
    private readonly ProvenTexts _provenMemos = new(MemosMax);

    public bool Matches(HttpContext context, EdgeRequest request)
    {
        Span<char> text = stackalloc char[TextMax];
        return Read(context, request, text, out var length, out var memo)
            && _provenHeaders.Contains(text[..length])
            && (_memos.Contains(memo) || (TryAppend(memo, text, ref length) && _provenMemos.Contains(text[..length])));
    }

    public void Learn(HttpContext context, EdgeRequest request)
    {
        Span<char> text = stackalloc char[TextMax];
        if (!Read(context, request, text, out var length, out var memo))
        {
            return;
        }
        Learn(_provenHeaders, text[..length], request);
        // Some rules match two things in two places: a memo is proven only beside the headers it was seen with.
        if (!_memos.Contains(memo) && TryAppend(memo, text, ref length))
        {
            Learn(_provenMemos, text[..length], request);
        }
    }

    private void Learn(ProvenTexts proven, ReadOnlySpan<char> text, EdgeRequest request)
    {
        if (!proven.Contains(text) && (budget is null || (request.Caller is { } caller && budget.TryTake(caller.MemberId))))
        {
            proven.Add(new string(text));
        }
    }

    /// <summary>Whether all of the request is in the class, but for what has to be proven: its memo and its other headers.</summary>
    private bool Read(HttpContext context, EdgeRequest request, Span<char> text, out int length, out ReadOnlySpan<byte> memo)
    {
        length = -1;
        memo = default;
        if (!isEnabled || request.Caller is null || !IsHot(request.Call.Name) || context.Request.Method != request.Call.Method)
        {
            return false;
        }
        if (
            !_targets.Contains(request.Call, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
            || !BodyClass.Contains(request.Call, request.Body.Span, out memo)
        )
        {
            return false;
        }
        length = _headers.Read(context, request, text[..HeaderClass.TextMax]);
        return length >= 0;
    }

    /// <summary>Signing up and logging in are rare and hold free text: they are always inspected.</summary>
    private static bool IsHot(string call) =>
        call
            is "SendMoney"
                or "CaptureTransfer"
                or "CancelTransfer"
                or "Deposit"
                or "GetBalance"
                or "ListTransactions"
                or "GetTransfer"
                or "ListAccounts"
                or "GetMe"
                or "ListSessions"
                or "GetRates"
                or "RefreshSession";

    private static bool TryAppend(ReadOnlySpan<byte> memo, Span<char> text, ref int length)
    {
        // Bytes that are no UTF-8 would become one and the same character.
        var isWhole = Utf8.ToUtf16(memo, text[length..], out _, out var written, replaceInvalidSequences: false) == OperationStatus.Done;
        length += written;
        return isWhole && memo.Length <= MemoClass.BytesMax;
    }
}
