namespace QuickPay.Caches;

/// <summary>The first page of an account's history, as it is sent to members.</summary>
/// <param name="Version">The account's when the page was read: it has everything up to it.</param>
/// <param name="Body">JSON.</param>
public sealed record FirstPage(long Version, ReadOnlyMemory<byte> Body);

/// <summary>A page as Redis keeps it: head (<see cref="CacheScripts"/>), format, body.</summary>
internal static class PageEntry
{
    private const byte Format = 1;
    private const int BodyAt = CacheScripts.HeadSize + 1;

    public static byte[] Write(FirstPage page)
    {
        var entry = new byte[BodyAt + page.Body.Length];
        CacheScripts.WriteHead(entry, page.Version, 0);
        entry[CacheScripts.HeadSize] = Format;
        page.Body.Span.CopyTo(entry.AsSpan(BodyAt));
        return entry;
    }

    /// <summary>Null for what another version of this service wrote.</summary>
    public static FirstPage? Read(ReadOnlyMemory<byte> entry) =>
        entry.Length > BodyAt && entry.Span[CacheScripts.HeadSize] == Format
            ? new FirstPage(CacheScripts.ReadHead(entry.Span).Version, entry[BodyAt..])
            : null;
}
