using System.Globalization;

namespace QuickPay.Cli.Local;

/// <summary>The schema of a database as text, the same text for the same schema on every machine.</summary>
public static class SchemaDump
{
    /// <summary>
    /// pg_dump without data and owners. Left out: the monthly partitions, which differ from month to month, and the lines that pg_dump
    /// writes about its own version and, since 15.14, about a random key (`\restrict`).
    /// </summary>
    public static async Task<string> ReadAsync(PostgresServer server, string database, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--schema-only",
            "--no-owner",
            "--exclude-table=transfers_2*",
            "--host",
            server.SocketFolder,
            "--port",
            server.Port.ToString(CultureInfo.InvariantCulture),
            "--username",
            PostgresRoles.Superuser,
            database,
        ];
        var dump = await Tool.RunAsync(PostgresPrograms.Find("pg_dump"), arguments, user: null, environment: null, cancellationToken)
            .ConfigureAwait(false);
        var lines = dump.Split('\n').Where(line => !IsAboutPgDump(line));
        return string.Join('\n', lines).Trim() + "\n";
    }

    private static bool IsAboutPgDump(string line) =>
        line.StartsWith("-- Dumped ", StringComparison.Ordinal)
        || line.StartsWith(@"\restrict ", StringComparison.Ordinal)
        || line.StartsWith(@"\unrestrict ", StringComparison.Ordinal);
}
