using System.Numerics;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>
/// Forms of fields that hold nothing but what they say. In bodies they are bytes and in paths and headers characters; both are ASCII here.
/// </summary>
internal static class Shapes
{
    /// <summary>Some rules look for single numbers, such as 2147483647; all of them are longer.</summary>
    public const int NumberDigitsMax = 9;

    private const int IdLength = 36;

    /// <summary>An id as the API writes it: hexadecimal, lower case, 8-4-4-4-12.</summary>
    public static bool IsId<T>(ReadOnlySpan<T> text)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (text.Length != IdLength)
        {
            return false;
        }
        for (var i = 0; i < IdLength; i++)
        {
            var c = At(text, i);
            if (i is 8 or 13 or 18 or 23 ? c != '-' : !char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }
        return true;
    }

    public static bool IsDigits<T>(ReadOnlySpan<T> text, int least, int most)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (text.Length < least || text.Length > most)
        {
            return false;
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiDigit(At(text, i)))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>One of this service's currencies: three letters of anybody's choice could be a command's name.</summary>
    public static bool IsCurrency(ReadOnlySpan<char> text) => text is "KRW" or "USD";

    /// <inheritdoc cref="IsCurrency(ReadOnlySpan{char})" />
    public static bool IsCurrency(ReadOnlySpan<byte> text) => text.SequenceEqual("KRW"u8) || text.SequenceEqual("USD"u8);

    /// <summary>
    /// Digits, with single hyphens between them and perhaps a plus in front: <c>+821012345678</c>, <c>010-1234-5678</c>.
    /// Not two zeros in front: a rule looks for numbers like that.
    /// </summary>
    public static bool IsPhone(ReadOnlySpan<byte> text)
    {
        var number = text is [(byte)'+', ..] ? text[1..] : text;
        return number is not [(byte)'0', (byte)'0', ..] && AreGroupsOfDigits(number, 8, 15);
    }

    /// <summary>12 digits, with single hyphens between them.</summary>
    public static bool IsAccountNumber(ReadOnlySpan<byte> text) => AreGroupsOfDigits(text, 12, 12);

    /// <summary>RFC 3339 in UTC, to the second or finer: <c>2026-11-22T09:00:00Z</c>.</summary>
    public static bool IsTime<T>(ReadOnlySpan<T> text)
        where T : unmanaged, IBinaryInteger<T>
    {
        const string form = "0000-00-00T00:00:00";
        const int fractionMax = 7;
        if (text.Length <= form.Length || text.Length > form.Length + 1 + fractionMax + 1 || At(text, text.Length - 1) != 'Z')
        {
            return false;
        }
        for (var i = 0; i < form.Length; i++)
        {
            var c = At(text, i);
            if (form[i] == '0' ? !char.IsAsciiDigit(c) : c != form[i])
            {
                return false;
            }
        }
        var fraction = text[form.Length..^1];
        return fraction.IsEmpty || (At(fraction, 0) == '.' && IsDigits(fraction[1..], 1, fractionMax));
    }

    /// <summary>base64url, of at most this length.</summary>
    public static bool IsToken<T>(ReadOnlySpan<T> text, int most)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (text.IsEmpty || text.Length > most)
        {
            return false;
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (At(text, i) is var c && !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }
        return true;
    }

    private static bool AreGroupsOfDigits(ReadOnlySpan<byte> text, int least, int most)
    {
        var digits = 0;
        var wasDigit = false;
        foreach (var c in text)
        {
            var isDigit = char.IsAsciiDigit((char)c);
            if (!isDigit && !(c == '-' && wasDigit))
            {
                return false;
            }
            digits += isDigit ? 1 : 0;
            wasDigit = isDigit;
        }
        return wasDigit && digits >= least && digits <= most;
    }

    private static char At<T>(ReadOnlySpan<T> text, int i)
        where T : unmanaged, IBinaryInteger<T> => (char)ushort.CreateTruncating(text[i]);
}
