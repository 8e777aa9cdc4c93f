namespace QuickPay.Cli.Local;

/// <summary>A server's log: one for this run, one for the run before.</summary>
internal static class LogFile
{
    public static string Begin(string folder, string name)
    {
        var path = Path.Combine(folder, $"{name}.log");
        if (File.Exists(path))
            File.Move(path, Path.Combine(folder, $"{name}.previous.log"), overwrite: true);
        return path;
    }

    /// <summary>The last words, for a message about a start that failed.</summary>
    public static string Tail(string path, int lines = 15) =>
        File.Exists(path) ? string.Join('\n', File.ReadLines(path).TakeLast(lines).Select(line => "    " + line)) : "    (no log)";
}
