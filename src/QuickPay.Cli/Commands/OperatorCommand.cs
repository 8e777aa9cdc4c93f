using System.Buffers.Text;
using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.Members;
using QuickPay.Operators;
using QuickPay.Postgres;

namespace QuickPay.Cli.Commands;

/// <summary>`operator`: who may look at everybody's figures. By the role that owns the schema, on the machine where it runs.</summary>
internal static class OperatorCommand
{
    private const int GeneratedBytes = 18;

    public static Command Create(TimeProvider clock) =>
        new("operator", "Add, list, unlock and disable those who may look at everybody's figures")
        {
            Add(clock),
            List(clock),
            Unlock(clock),
            Disable(clock),
        };

    private static Command Add(TimeProvider clock)
    {
        var name = Name();
        var data = SharedOptions.Data();
        var fromInput = new Option<bool>("--password-stdin")
        {
            Description =
                $"Read the password from standard input: {OperatorDirectory.PasswordLengthMin} to {OperatorDirectory.PasswordLengthMax} characters",
        };
        var command = new Command(
            "add",
            "Add an operator; the password is made and shown once, on the terminal, or read from standard input"
        )
        {
            name,
            fromInput,
            data,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var who = parsed.GetValue(name)!;
                if (!OperatorDirectory.IsName(who))
                    throw new LocalException($"{who} is no name for an operator: 2 to 32 of a-z, 0-9, point, underscore and hyphen.");
                var given = parsed.GetValue(fromInput);
                // A file or another program would keep it.
                if (!given && Console.IsOutputRedirected)
                    throw new LocalException("A password is shown on a terminal only. Give one: --password-stdin");
                var password = given ? await ReadPasswordAsync(cancellationToken) : Generate();
                await using var running = Running.Find(SharedOptions.DataFolderFrom(parsed.GetValue(data)), clock);
                var exit = await ChangeAsync(
                    running.Operators.TryAddAsync(who, password, cancellationToken),
                    $"Added {who}",
                    $"There is, or was, an operator {who}: names are not given twice."
                );
                // In doubt too: the name may stay taken, and nobody would know its password.
                if (!given)
                    await Console.Out.WriteLineAsync($"Password, shown this once: {password}");
                return exit;
            }
        );
        return command;
    }

    private static Command List(TimeProvider clock)
    {
        var data = SharedOptions.Data();
        var command = new Command("list", "List the operators: name, since when, and whether disabled or locked, and until when") { data };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var running = Running.Find(SharedOptions.DataFolderFrom(parsed.GetValue(data)), clock);
                foreach (var each in await running.Operators.ListAsync(cancellationToken))
                {
                    var state = each switch
                    {
                        { DisabledAt: { } at } => $"disabled {Text(at)}",
                        { LockedUntil: { } until } => $"locked until {Text(until, ":ss")}",
                        _ => "active",
                    };
                    await Console.Out.WriteLineAsync($"{each.Name}  since {Text(each.CreatedAt)}  {state}");
                }
                return 0;
            }
        );
        return command;
    }

    private static Command Unlock(TimeProvider clock) =>
        Change(
            new Command("unlock", "Let in again an operator whom wrong passwords, their own or somebody's, have locked out"),
            (operators, who, cancellationToken) => operators.TryUnlockAsync(who, cancellationToken),
            "Unlocked",
            clock
        );

    private static Command Disable(TimeProvider clock) =>
        Change(
            new Command("disable", "Disable an operator: from then on every call of theirs is refused"),
            (operators, who, cancellationToken) => operators.TryDisableAsync(who, cancellationToken),
            "Disabled",
            clock
        );

    private static Command Change(
        Command command,
        Func<OperatorDirectory, string, CancellationToken, Task<bool>> change,
        string done,
        TimeProvider clock
    )
    {
        var name = Name();
        var data = SharedOptions.Data();
        command.Add(name);
        command.Add(data);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await using var running = Running.Find(SharedOptions.DataFolderFrom(parsed.GetValue(data)), clock);
                var who = parsed.GetValue(name)!;
                return await ChangeAsync(
                    change(running.Operators, who, cancellationToken),
                    $"{done} {who}",
                    $"There is no operator {who} who is not disabled."
                );
            }
        );
        return command;
    }

    /// <summary>Says what became of a change, and returns the exit code.</summary>
    private static async Task<int> ChangeAsync(Task<bool> change, string done, string refused)
    {
        try
        {
            if (!await change)
                throw new LocalException(refused);
        }
        catch (CommitUnknownException)
        {
            Terminal.Say($"{done}, but no standby has confirmed it: a failover may undo it. When one is back: ./quickpay operator list");
            return 1;
        }
        Terminal.Say(done);
        return 0;
    }

    private static Argument<string> Name() => new("name") { Description = "The operator's name, such as park" };

    private static string Generate() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(GeneratedBytes));

    private static async Task<string> ReadPasswordAsync(CancellationToken cancellationToken)
    {
        var password = await Console.In.ReadLineAsync(cancellationToken) ?? "";
        return password.Length is >= OperatorDirectory.PasswordLengthMin and <= OperatorDirectory.PasswordLengthMax
            ? password
            : throw new LocalException(
                $"A password has {OperatorDirectory.PasswordLengthMin} to {OperatorDirectory.PasswordLengthMax} characters."
            );
    }

    private static string Text(DateTime utc, string seconds = "") =>
        utc.ToString($"yyyy-MM-dd HH:mm{seconds}'Z'", CultureInfo.InvariantCulture);

    /// <summary>The operators of the QuickPay that runs in a folder.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly NpgsqlDataSource _dataSource;

        private Running(NpgsqlDataSource dataSource, OperatorDirectory operators) => (_dataSource, Operators) = (dataSource, operators);

        public OperatorDirectory Operators { get; }

        public static Running Find(DataFolder data, TimeProvider clock)
        {
            var state = RunState.Read(data);
            var servers = state.Processes.Where(process => process.Role == "postgres").Select(process => process.Address).ToList();
            if (!state.IsRunning || servers.Count == 0)
                throw new LocalException($"No QuickPay runs in {data.Root}. Start it: ./quickpay up");
            var secrets = Secrets.LoadOrCreate(data.Secrets, []);
            var owner = new PostgresConnection(
                string.Join(',', servers),
                PostgresServer.DefaultDatabase,
                PostgresRoles.Migrator,
                secrets.PasswordOf(PostgresRoles.Migrator),
                Path.Combine(data.Tls, "ca.crt")
            );
            // One; or, in three zones, those that may be primary, of which the driver finds the one that is.
            var dataSource = new NpgsqlDataSourceBuilder(owner.ConnectionString)
                .BuildMultiHost()
                .WithTargetSession(TargetSessionAttributes.Primary);
            var keys = new PersonalDataKeys(Options.Create(new PersonalDataOptions { KeyFile = secrets.PersonalDataKeyFile }));
            return new Running(dataSource, new OperatorDirectory(dataSource, keys, clock));
        }

        public ValueTask DisposeAsync() => _dataSource.DisposeAsync();
    }
}
