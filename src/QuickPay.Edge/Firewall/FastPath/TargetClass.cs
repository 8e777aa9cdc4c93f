using QuickPay.Edge.Surface;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>Paths and queries that are exactly what a call declares, written in the one way that needs no decoding.</summary>
internal sealed class TargetClass(Vocabulary vocabulary)
{
    private const int TokenMax = 64;
    private const string Id = "{id}";

    /// <param name="call">What the router took it for.</param>
    /// <param name="target">Path and query as they were received.</param>
    public bool Contains(ApiCall call, ReadOnlySpan<char> target)
    {
        var mark = target.IndexOf('?');
        return IsPath(call.Template, mark < 0 ? target : target[..mark]) && (mark < 0 || IsQuery(call, target[(mark + 1)..]));
    }

    private static bool IsPath(ReadOnlySpan<char> template, ReadOnlySpan<char> path)
    {
        var at = template.IndexOf(Id, StringComparison.Ordinal);
        if (at < 0)
        {
            return path.SequenceEqual(template);
        }
        var rest = template[(at + Id.Length)..];
        return path.StartsWith(template[..at], StringComparison.Ordinal)
            && path.EndsWith(rest, StringComparison.Ordinal)
            && path.Length > at + rest.Length
            && Shapes.IsId(path[at..^rest.Length]);
    }

    private bool IsQuery(ApiCall call, ReadOnlySpan<char> query)
    {
        var seen = 0;
        foreach (var part in query.Split('&'))
        {
            var field = query[part];
            var equals = field.IndexOf('=');
            var index = equals < 0 ? -1 : IndexOf(call.Query, field[..equals]);
            if (index < 0 || (seen & (1 << index)) != 0 || !HasShape(call.Query[index], field[(equals + 1)..]))
            {
                return false;
            }
            seen |= 1 << index;
        }
        return true;
    }

    private static int IndexOf(IReadOnlyList<string> names, ReadOnlySpan<char> name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (name.SequenceEqual(names[i]))
            {
                return i;
            }
        }
        return -1;
    }

    private bool HasShape(string field, ReadOnlySpan<char> value) =>
        field switch
        {
            "limit" => Shapes.IsDigits(value, 1, 3),
            "cursor" => Shapes.IsToken(value, TokenMax) && vocabulary.IsHarmlessToken(value),
            "from" or "to" => Shapes.IsTime(value),
            "direction" => value is "in" or "out",
            "status" => value is "posted" or "pending" or "cancelled" or "expired",
            "counterparty" => Shapes.IsId(value),
            "base" => Shapes.IsCurrency(value),
            _ => false,
        };
}
