using QuickPay.Accounts;
using QuickPay.Ledger;

namespace QuickPay.Api;

/// <summary>Sends the consistency token, as a header and as a cookie for browsers.</summary>
public static class Consistency
{
    private const string CookieAttributes = "; Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Strict";

    /// <summary>
    /// Sends what this answer showed, and never less than what the client has seen before: an older transfer that is looked up
    /// or replayed must not let its next read fall behind its last payment.
    /// </summary>
    public static void Write(HttpContext context, ConsistencyToken token) => Write(context, token, Read(context.Request));

    /// <param name="context">The call.</param>
    /// <param name="token">What is shown.</param>
    /// <param name="seen">What <see cref="Read"/> said of this call.</param>
    public static void Write(HttpContext context, ConsistencyToken token, ConsistencyToken? seen)
    {
        var text = NotBehind(token, seen).ToString();
        context.Response.Headers[ConsistencyToken.Name] = text;
        context.Response.Headers.Append("Set-Cookie", ConsistencyToken.Name + "=" + text + CookieAttributes);
    }

    /// <summary>
    /// Whether this server was about to show less than its client has seen: it reads from a primary that has been replaced and does not know
    /// it. The client asks again, and will be led elsewhere.
    /// </summary>
    public static bool IsBehind(ConsistencyToken? token, ConsistencyToken shown) =>
        token is { } seen
        && (
            seen.Timeline > shown.Timeline
            || (seen.Timeline == shown.Timeline && seen.Account == shown.Account && seen.Version > shown.Version)
        );

    /// <summary>The client's newest token; null when it sent none of ours.</summary>
    public static ConsistencyToken? Read(HttpRequest request)
    {
        string? header = request.Headers[ConsistencyToken.Name];
        return
            ConsistencyToken.TryParse(header, out var token) || ConsistencyToken.TryParse(request.Cookies[ConsistencyToken.Name], out token)
            ? token
            : null;
    }

    /// <summary>What a balance shows.</summary>
    public static ConsistencyToken Token(this AccountBalance balance) =>
        new(balance.Timeline, balance.Lsn, balance.AccountId, balance.Version);

    private static ConsistencyToken NotBehind(ConsistencyToken shown, ConsistencyToken? seen) =>
        seen is { } before && before.Timeline == shown.Timeline
            ? shown with
            {
                Lsn = Math.Max(shown.Lsn, before.Lsn),
                Version = before.Account == shown.Account ? Math.Max(shown.Version, before.Version) : shown.Version,
            }
            : shown;
}
