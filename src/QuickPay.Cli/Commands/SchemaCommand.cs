using System.CommandLine;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Commands;

/// <summary>`schema`: what the migrations make of an empty database.</summary>
internal static class SchemaCommand
{
    private const string CheckedInFile = "src/QuickPay/Postgres/schema.sql";

    public static Command Create(TimeProvider clock)
    {
        var write = new Option<bool>("--write") { Description = $"Write it to {CheckedInFile}, the copy that a test compares" };
        var command = new Command("schema", "Print the schema that the migrations make in an empty database") { write };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var schema = await Terminal.WorkAsync("Migrating an empty database", say => ReadAsync(say, clock, cancellationToken));
                if (!parsed.GetValue(write))
                {
                    await Console.Out.WriteAsync(schema);
                    return 0;
                }
                var file = Path.Combine(Programs.RepositoryRoot, CheckedInFile);
                await File.WriteAllTextAsync(file, schema, cancellationToken);
                Terminal.Say($"Written to {file}");
                return 0;
            }
        );
        return command;
    }

    private static async Task<string> ReadAsync(Action<string> say, TimeProvider clock, CancellationToken cancellationToken)
    {
        var options = new LocalServersOptions
        {
            Data = DataFolder.Temporary("schema"),
            DeleteAtEnd = true,
            Durable = false,
            SharedBuffers = "64MB",
            Say = say,
            Clock = clock,
        };
        await using var servers = await LocalServers.StartAsync(options, cancellationToken);
        await servers.CreateMigratedDatabaseAsync(PostgresServer.DefaultDatabase, cancellationToken);
        return await SchemaDump.ReadAsync(servers.Postgres, PostgresServer.DefaultDatabase, cancellationToken);
    }
}
