using System.CommandLine;
using System.Net;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Commands;

/// <summary>`psql`: a look into the running database.</summary>
internal static class PsqlCommand
{
    public static Command Create()
    {
        var role = new Option<string>("--role")
        {
            Description =
                $"{PostgresRoles.Migrator} (owns the tables), {PostgresRoles.Api}, {PostgresRoles.Worker}, {PostgresRoles.Statistics} or {PostgresRoles.Superuser}",
            DefaultValueFactory = _ => PostgresRoles.Migrator,
        };
        role.AcceptOnlyFromAmong([.. PostgresRoles.WithPassword, PostgresRoles.Superuser]);
        var data = SharedOptions.Data();
        var arguments = new Argument<string[]>("psql-arguments")
        {
            Description = "Passed on to psql, after `--`",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("psql", "Open psql on the running database") { role, data, arguments };
        command.SetAction(parsed =>
            Become(SharedOptions.DataFolderFrom(parsed.GetValue(data)), parsed.GetValue(role)!, parsed.GetValue(arguments) ?? [])
        );
        return command;
    }

    private static int Become(DataFolder data, string role, string[] arguments)
    {
        var state = RunState.Read(data);
        // One; or, in three zones, those that may be primary, of which libpq finds the one that is.
        var servers = state.Processes.Where(process => process.Role == "postgres").ToList();
        if (!state.IsRunning || servers.Count == 0)
            throw new LocalException($"No QuickPay runs in {data.Root}. Start it: ./quickpay up");
        var addresses = servers.Select(server => IPEndPoint.Parse(server.Address)).ToList();
        var environment = new Dictionary<string, string>
        {
            ["PGDATABASE"] = PostgresServer.DefaultDatabase,
            ["PGUSER"] = role,
            ["PGPORT"] = $"{addresses[0].Port}",
            ["PGTARGETSESSIONATTRS"] = "primary",
        };
        if (role == PostgresRoles.Superuser)
            environment["PGHOST"] = string.Join(',', servers.Select(server => data.SocketOf(server.Name)));
        else
        {
            var secrets = Secrets.LoadOrCreate(data.Secrets, []);
            environment["PGHOST"] = string.Join(',', addresses.Select(address => address.Address));
            environment["PGSSLMODE"] = "verify-full";
            environment["PGSSLROOTCERT"] = Path.Combine(data.Tls, "ca.crt");
            // psql reads the password from a file; its environment can be seen by others.
            environment["PGPASSFILE"] = secrets.WritePostgresPasswordFile();
        }
        return Native.Become(PostgresPrograms.Find("psql"), arguments, environment);
    }
}
