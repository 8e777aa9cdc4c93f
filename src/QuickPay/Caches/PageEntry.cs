namespace QuickPay.Caches;

/// <summary>The first page of an account's history, as it is sent to members.</summary>
/// <param name="Timeline">Of the server that it was read from.</param>
/// <param name="Lsn">Where that server's log stood.</param>
/// <param name="Version">The account's when the page was read: it has everything up to it.</param>
/// <param name="Body">JSON.</param>
public sealed record FirstPage(uint Timeline, ulong Lsn, long Version, ReadOnlyMemory<byte> Body);

/// <summary>A page as Redis keeps it: head (<see cref="CacheScripts"/>), format, body.</summary>
internal static class PageEntry
{
    // One more whenever the body changes: pages live for an hour, and servers of both versions read them.
    private const byte Format = 1;
    private const int BodyAt = CacheScripts.HeadSize + 1;

    public static byte[] Write(FirstPage page)
    {
        var entry = new byte[BodyAt + page.Body.Length];
        CacheScripts.WriteHead(entry, page.Version, page.Lsn);
        entry[CacheScripts.HeadSize] = Format;
        page.Body.Span.CopyTo(entry.AsSpan(BodyAt));
        return entry;
    }

    /// <summary>Null for what another version of this service wrote.</summary>
    /// <param name="entry">As Redis answered it.</param>
    /// <param name="timeline">In whose names it was found.</param>
    public static FirstPage? Read(ReadOnlyMemory<byte> entry, uint timeline) =>
        entry.Length > BodyAt && entry.Span[CacheScripts.HeadSize] == Format && CacheScripts.ReadHead(entry.Span) is var (version, lsn)
            ? new FirstPage(timeline, lsn, version, entry[BodyAt..])
            : null;
}
