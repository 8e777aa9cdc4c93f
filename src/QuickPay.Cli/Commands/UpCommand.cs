using System.CommandLine;
using QuickPay.Cli.Local;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Commands;

/// <summary>`up`: everything in the foreground until Ctrl-C.</summary>
internal static class UpCommand
{
    private const string MultiAz = "multi-az";

    public static Command Create(TimeProvider clock)
    {
        var topology = new Option<string>("--topology")
        {
            Description = "single: everything once; multi-az: three zones, each server more than once, and failover between them",
            DefaultValueFactory = _ => "single",
        };
        var apiServers = new Option<int>("--api-servers")
        {
            Description = "How many API servers, 1 to 10 (multi-az has 2 + 2 + 1)",
            DefaultValueFactory = _ => 1,
        };
        var port = new Option<int>("--port")
        {
            Description =
                "Where members come in (HTTPS). The others follow from it, shown for 8443: plain HTTP, redirected, on 8080; "
                + "API servers on 8081 and up; health and the edge's inside pages on 9090 and up",
            DefaultValueFactory = _ => StackPorts.DefaultHttps,
        };
        var fresh = new Option<bool>("--fresh") { Description = "Begin with empty data: what was there is deleted without a question" };
        var data = SharedOptions.Data();
        var json = SharedOptions.Json();
        topology.AcceptOnlyFromAmong("single", MultiAz);
        apiServers.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValue(topology) == MultiAz)
                result.AddError("--api-servers is for --topology single: multi-az has 2 + 2 + 1.");
        });
        apiServers.Validators.Add(result => RequireRange(result, "--api-servers", 1, 10));
        port.Validators.Add(result => RequireRange(result, "--port", StackPorts.HttpsMin, 64000));

        var command = new Command("up", "Run PostgreSQL, Redis, the API, the worker and the edge in front of it here, until Ctrl-C")
        {
            topology,
            apiServers,
            port,
            fresh,
            data,
            json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var folder = SharedOptions.DataFolderFrom(parsed.GetValue(data));
                if (parsed.GetValue(topology) == MultiAz)
                    return RunZonedAsync(
                        new ZonedStackOptions
                        {
                            Data = folder,
                            Fresh = parsed.GetValue(fresh),
                            Port = parsed.GetValue(port),
                            Clock = clock,
                        },
                        parsed.GetValue(json),
                        cancellationToken
                    );
                return RunSingleAsync(
                    new LocalStackOptions
                    {
                        ApiServers = parsed.GetValue(apiServers),
                        Port = parsed.GetValue(port),
                        Servers = new LocalServersOptions
                        {
                            Data = folder,
                            Fresh = parsed.GetValue(fresh),
                            Clock = clock,
                        },
                    },
                    parsed.GetValue(json),
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static Task<int> RunZonedAsync(ZonedStackOptions options, bool json, CancellationToken cancellationToken) =>
        RunAsync(
            say => ZonedStack.StartAsync(options with { Say = say }, cancellationToken),
            stack => Tour.Text(stack),
            options.Data,
            json,
            cancellationToken
        );

    private static Task<int> RunSingleAsync(LocalStackOptions options, bool json, CancellationToken cancellationToken) =>
        RunAsync(
            say => LocalStack.StartAsync(options with { Servers = options.Servers with { Say = say } }, cancellationToken),
            stack => Tour.Text(stack, options.Servers.Data),
            options.Servers.Data,
            json,
            cancellationToken
        );

    private static async Task<int> RunAsync<T>(
        Func<Action<string>, Task<T>> start,
        Func<T, string> tour,
        DataFolder data,
        bool json,
        CancellationToken cancellationToken
    )
        where T : IAsyncDisposable
    {
        // The wheel turns while it starts; afterwards the same news come as lines.
        Action<string> say = Terminal.Say;
        var stack = await Terminal.WorkAsync(
            "Starting QuickPay",
            progress =>
            {
                say = progress;
                return start(text => say(text));
            }
        );
        say = Terminal.Say;
        await using (stack)
        {
            if (json)
                StatusCommand.WriteJson(await StackStatus.ReadAsync(data, cancellationToken));
            else
                await Console.Out.WriteLineAsync(tour(stack));
            var stopped = new TaskCompletionSource();
            await using var onStop = cancellationToken.Register(stopped.SetResult);
            await stopped.Task;
        }
        Terminal.Say("Stopped. The data stays; ./quickpay up goes on with it.");
        return 0;
    }

    private static void RequireRange(System.CommandLine.Parsing.OptionResult result, string name, int least, int most)
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && (value < least || value > most))
            result.AddError($"{name} must be from {least} to {most}, not {value}.");
    }
}
