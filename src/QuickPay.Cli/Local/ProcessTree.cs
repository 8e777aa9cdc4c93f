using System.Globalization;

namespace QuickPay.Cli.Local;

/// <summary>A process with all that came from it: PostgreSQL is a dozen.</summary>
internal static class ProcessTree
{
    /// <summary>Sends a signal to each, the eldest first; what has gone meanwhile is left out.</summary>
    public static void Signal(int root, Signal signal)
    {
        foreach (var pid in Below(root).Prepend(root))
            Native.TrySignal(pid, signal);
    }

    private static List<int> Below(int root)
    {
        var children = Directory
            .EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 1)
            .Select(pid => (Pid: pid, Parent: ParentOf(pid)))
            .ToLookup(process => process.Parent, process => process.Pid);
        List<int> found = [.. children[root]];
        for (var i = 0; i < found.Count; i++)
            found.AddRange(children[found[i]]);
        return found;
    }

    private static int ParentOf(int pid)
    {
        try
        {
            // proc(5): state and parent follow the name, which stands in brackets and may hold some itself.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
