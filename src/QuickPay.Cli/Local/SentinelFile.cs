using System.Globalization;

namespace QuickPay.Cli.Local;

/// <summary>
/// What a sentinel knows, in the file that it rewrites, synced to disk, before it tells anybody of a change. So the file of the highest
/// epoch names the primary that may have taken writes last, whatever was killed when.
/// </summary>
/// <param name="Layout">Who it was made for: <see cref="LayoutOf"/>.</param>
/// <param name="Primary">Address of the primary.</param>
/// <param name="Epoch">Counts promotions; the newest wins.</param>
/// <param name="CurrentEpoch">Counts elections; in none of these will a sentinel vote again.</param>
internal sealed record SentinelFile(string Layout, string Primary, long Epoch, long CurrentEpoch)
{
    private const string LayoutMark = "# layout ";

    /// <summary>The servers by name and address. A primary whose address changed (a port that was taken) is found by its name.</summary>
    public static string LayoutOf(IEnumerable<RedisPlace> places) =>
        string.Join(' ', places.Select(place => $"{place.Name}={place.Address}"));

    public static string FirstLine(string layout) => LayoutMark + layout;

    /// <summary>Null when there is none, or none that says who is primary.</summary>
    public static SentinelFile? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        string? layout = null;
        string? primary = null;
        long epoch = 0;
        long current = 0;
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith(LayoutMark, StringComparison.Ordinal))
                layout = line[LayoutMark.Length..];
            switch (line.Split(' '))
            {
                case ["sentinel", "monitor", _, var host, var port, _]:
                    primary = $"{host}:{port}";
                    break;
                case ["sentinel", "config-epoch", _, var number]:
                    epoch = long.Parse(number, CultureInfo.InvariantCulture);
                    break;
                case ["sentinel", "current-epoch", var number]:
                    current = long.Parse(number, CultureInfo.InvariantCulture);
                    break;
            }
        }
        return layout is null || primary is null ? null : new SentinelFile(layout, primary, epoch, current);
    }

    /// <summary>The name of the primary at the time of the file.</summary>
    public string? PrimaryName =>
        Layout
            .Split(' ')
            .Select(entry => entry.Split('='))
            .FirstOrDefault(entry => entry is [_, var address] && address == Primary)
            ?.ElementAt(0);
}
