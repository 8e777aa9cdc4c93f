using QuickPay.Ledger;

namespace QuickPay.Api;

/// <summary>Sends the consistency token, as a header and as a cookie for browsers.</summary>
public static class Consistency
{
    private const string CookieAttributes = "; Path=/; Max-Age=86400; HttpOnly; SameSite=Strict";

    public static void Write(HttpContext context, ConsistencyToken token)
    {
        var text = token.ToString();
        context.Response.Headers[ConsistencyToken.Name] = text;
        context.Response.Headers.Append("Set-Cookie", ConsistencyToken.Name + "=" + text + CookieAttributes);
    }
}
