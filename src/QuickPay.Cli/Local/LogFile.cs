namespace QuickPay.Cli.Local;

/// <summary>A server's log: one for this run, one for the run before.</summary>
internal static class LogFile
{
    // PostgreSQL's, Redis's and Kestrel's words for it.
    private static readonly string[] PortTaken = ["could not bind IPv4 address", "Failed listening on port", "address already in use"];

    public static string Begin(string folder, string name)
    {
        var path = Path.Combine(folder, $"{name}.log");
        if (File.Exists(path))
            File.Move(path, Path.Combine(folder, $"{name}.previous.log"), overwrite: true);
        return path;
    }

    /// <summary>Why a server ended at its start, as far as its log tells.</summary>
    public static StartFailedException Explain(string name, int exitCode, string path)
    {
        var message = $"{name} ended at its start (exit code {exitCode}). {path}:\n{Tail(path)}";
        return PortTaken.Any(words => message.Contains(words, StringComparison.Ordinal))
            ? new PortTakenException(message)
            : new StartFailedException(message);
    }

    /// <summary>The last words, for a message about a start that failed.</summary>
    public static string Tail(string path, int lines = 15) =>
        File.Exists(path) ? string.Join('\n', File.ReadLines(path).TakeLast(lines).Select(line => "    " + line)) : "    (no log)";
}
