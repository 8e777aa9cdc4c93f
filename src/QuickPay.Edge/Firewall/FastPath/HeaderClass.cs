using System.Buffers;
using System.Globalization;
using Microsoft.Extensions.Primitives;
using QuickPay.Edge.Balancing;
using QuickPay.Ledger;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>
/// Headers that differ from request to request have a strict shape each. All others together, names and values, become one text: it
/// passes when the rules have seen exactly this text before and found nothing in it (<see cref="ProvenTexts"/>).
/// </summary>
internal sealed class HeaderClass(Vocabulary vocabulary)
{
    /// <summary>A set of headers longer than this is inspected each time.</summary>
    public const int TextMax = 1_024;

    private const string Bearer = "Bearer ";
    private const int IdempotencyKeyMax = 64;
    private const int ForwardedForMax = 100;

    private const int ServerCookieMax = 64;

    // What a verified token is made of; the text around it is checked, its signature was.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    );

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdef:., ");

    /// <returns>Length of the text of all headers without a shape of their own, after method and protocol; -1 outside of the class.</returns>
    public int Read(HttpContext context, EdgeRequest edge, Span<char> text)
    {
        var request = context.Request;
        var length = 0;
        if (
            request.Protocol is not ("HTTP/1.1" or "HTTP/2")
            || !Append(text, ref length, request.Method)
            || !Append(text, ref length, request.Protocol)
        )
        {
            return -1;
        }
        foreach (var (name, values) in request.Headers)
        {
            if (HasShape(name, values, edge) is { } hasShape)
            {
                if (!hasShape)
                {
                    return -1;
                }
                continue;
            }
            for (var i = 0; i < values.Count; i++)
            {
                if (!Append(text, ref length, name) || !Append(text, ref length, values[i]))
                {
                    return -1;
                }
            }
        }
        return length;
    }

    /// <returns>Null for a header without a shape of its own.</returns>
    private bool? HasShape(string name, StringValues values, EdgeRequest edge)
    {
        // Kestrel gives known names in their usual letters; a client's own spelling of the others is text like any.
        var kind = name switch
        {
            "Authorization" => Header.Authorization,
            "Content-Type" => Header.ContentType,
            "Content-Length" => Header.ContentLength,
            "Transfer-Encoding" => Header.Forbidden,
            "Cookie" => Header.Cookie,
            _ when name.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase) => Header.IdempotencyKey,
            _ when name.Equals(ConsistencyToken.Name, StringComparison.OrdinalIgnoreCase) => Header.Consistency,
            _ when name.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase) => Header.ForwardedFor,
            _ => Header.Other,
        };
        return kind switch
        {
            Header.Other => null,
            _ when values.Count != 1 || values[0] is not { } => false,
            Header.Authorization => edge.Caller is not null && IsBearer(values[0]),
            Header.ContentType => IsJson(values[0]) && !edge.Body.IsEmpty,
            Header.ContentLength => IsLength(values[0], edge.Body.Length),
            Header.Cookie => AreOwnCookies(values[0]),
            Header.IdempotencyKey => Shapes.IsToken<char>(values[0], IdempotencyKeyMax) && !vocabulary.StandsIn(values[0]),
            Header.Consistency => IsConsistency(values[0]),
            Header.ForwardedFor => AreAddresses(values[0]),
            _ => false,
        };
    }

    private static bool IsJson(ReadOnlySpan<char> value)
    {
        const string json = "application/json";
        return value.StartsWith(json, StringComparison.Ordinal)
            && value[json.Length..] switch
            {
                [] => true,
                [';', ' ', .. var parameter] => IsUtf8(parameter),
                [';', .. var parameter] => IsUtf8(parameter),
                _ => false,
            };

        static bool IsUtf8(ReadOnlySpan<char> parameter) => parameter.Equals("charset=utf-8", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsBearer(ReadOnlySpan<char> value) =>
        value.StartsWith(Bearer, StringComparison.Ordinal) && !value[Bearer.Length..].ContainsAnyExcept(TokenCharacters);

    private static bool IsLength(ReadOnlySpan<char> value, int length) =>
        Shapes.IsDigits(value, 1, 5) && int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) == length;

    /// <summary>Only this service's own, each at most once, since there are no more of them.</summary>
    private bool AreOwnCookies(ReadOnlySpan<char> value)
    {
        var count = 0;
        foreach (var part in value.Split("; "))
        {
            var cookie = value[part];
            var equals = Math.Max(0, cookie.IndexOf('='));
            var name = cookie[..equals];
            var token = cookie[equals..];
            var isOwn =
                token is ['=', .. var text]
                && (
                    name.SequenceEqual(ConsistencyToken.Name)
                        ? IsConsistency(text)
                        : name.SequenceEqual(ServerName.CookieName)
                            && Shapes.IsToken(text, ServerCookieMax)
                            && vocabulary.IsHarmlessToken(text)
                );
            if (!isOwn || ++count > 2)
            {
                return false;
            }
        }
        return true;
    }

    private bool IsConsistency(ReadOnlySpan<char> token) =>
        token.Length == ConsistencyToken.TextMax && Shapes.IsToken(token, token.Length) && vocabulary.IsHarmlessToken(token);

    private static bool AreAddresses(ReadOnlySpan<char> value) =>
        value.Length <= ForwardedForMax && !value.ContainsAnyExcept(AddressCharacters) && !value.Contains("..", StringComparison.Ordinal);

    /// <summary>Neither a name nor a value can hold a line feed, so that two sets of headers never become one text.</summary>
    private static bool Append(Span<char> text, ref int length, ReadOnlySpan<char> part)
    {
        if (part.Length + 1 > text.Length - length)
        {
            return false;
        }
        part.CopyTo(text[length..]);
        length += part.Length;
        text[length++] = '\n';
        return true;
    }

    private enum Header
    {
        Other,
        Forbidden,
        Authorization,
        ContentType,
        ContentLength,
        Cookie,
        IdempotencyKey,
        Consistency,
        ForwardedFor,
    }
}
