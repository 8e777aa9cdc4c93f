namespace QuickPay.Api;

/// <summary>The Idempotency-Key header (IETF draft-ietf-httpapi-idempotency-key-header): 1 to 128 visible ASCII characters.</summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    internal const int LengthMax = 128;

    public static (string? Key, Problem? Problem) Read(HttpRequest request)
    {
        var values = request.Headers[Header];
        if (values.Count == 0 || string.IsNullOrEmpty(values[0]))
        {
            return (null, Problems.Of(ProblemCode.IdempotencyKeyMissing));
        }
        var key = values[0]!;
        return values.Count == 1 && key.Length <= LengthMax && key.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            ? (key, null)
            : (null, Problems.Invalid(Header, $"Must be one value of 1 to {LengthMax} visible ASCII characters."));
    }
}
