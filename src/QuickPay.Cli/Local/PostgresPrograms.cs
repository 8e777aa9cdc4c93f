namespace QuickPay.Cli.Local;

/// <summary>Where Debian keeps the programs of PostgreSQL 15.</summary>
internal static class PostgresPrograms
{
    private const string Folder = "/usr/lib/postgresql/15/bin";

    /// <exception cref="LocalException">It is not installed; the message says how to.</exception>
    public static string Find(string program) =>
        Path.Combine(Folder, program) is var path && File.Exists(path)
            ? path
            : throw new LocalException($"{path} is missing. Install PostgreSQL 15: apt-get install postgresql-15");
}
