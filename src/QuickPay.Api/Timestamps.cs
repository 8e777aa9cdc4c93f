using System.Globalization;

namespace QuickPay.Api;

/// <summary>RFC 3339 timestamps, to the microsecond that the database keeps.</summary>
public static class Timestamps
{
    public const string Expected = "Must be an RFC 3339 time, such as 2026-11-22T09:00:00Z.";

    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK"];

    public static bool TryParse(string text, out DateTime utc)
    {
        var ok = DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed);
        // K takes more than RFC 3339 does: no offset at all, which it reads as local time, and +0900.
        ok = ok && (text is [.., 'Z'] or [.., '+' or '-', _, _, ':', _, _]);
        utc = ok ? parsed.UtcDateTime : default;
        return ok && utc.Year is >= 2000 and <= 2200;
    }
}
