namespace QuickPay.Edge.Firewall;

/// <summary>Request targets as they stand in the request line.</summary>
internal static class RawTargets
{
    /// <summary>
    /// Whether the path holds an encoded question mark, encoded however often. The engine takes it for the end of the path and never
    /// sees what follows (CVE-2024-1019); no call needs one.
    /// </summary>
    public static bool HidesQuestionMark(ReadOnlySpan<char> target)
    {
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        for (var percent = path.IndexOf('%'); percent >= 0; percent = path.IndexOf('%'))
        {
            path = path[(percent + 1)..];
            // %25 is a percent sign: %253F is %3F to whoever decodes once more.
            while (path.StartsWith("25", StringComparison.Ordinal))
            {
                path = path[2..];
            }
            if (path.StartsWith("3F", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Path and query of a target that names scheme and host too, as one for a proxy does.</summary>
    public static string OriginForm(string target)
    {
        if (target.StartsWith('/'))
        {
            return target;
        }
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        if (authority < 0)
        {
            return target;
        }
        var path = target.AsSpan(authority + 3).IndexOfAny('/', '?');
        return path < 0 ? "/" : target[(authority + 3 + path)..];
    }
}
