using System.CommandLine;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Commands;

/// <summary>`up`: everything in the foreground until Ctrl-C.</summary>
internal static class UpCommand
{
    public static Command Create(TimeProvider clock)
    {
        var topology = new Option<string>("--topology")
        {
            Description = "single: everything once (multi-az is not there yet)",
            DefaultValueFactory = _ => "single",
        };
        var apiServers = new Option<int>("--api-servers") { Description = "How many API servers, 1 to 10", DefaultValueFactory = _ => 1 };
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
        topology.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is var value && value != "single")
                result.AddError(
                    value == "multi-az"
                        ? "--topology multi-az is not there yet: QuickPay runs as `single` (one PostgreSQL, one Redis). Leave the option out."
                        : $"--topology '{value}' is unknown. There is: single."
                );
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
                RunAsync(
                    new LocalStackOptions
                    {
                        ApiServers = parsed.GetValue(apiServers),
                        Port = parsed.GetValue(port),
                        Servers = new LocalServersOptions
                        {
                            Data = SharedOptions.DataFolderFrom(parsed.GetValue(data)),
                            Fresh = parsed.GetValue(fresh),
                            Clock = clock,
                        },
                    },
                    parsed.GetValue(json),
                    cancellationToken
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(LocalStackOptions options, bool json, CancellationToken cancellationToken)
    {
        // The wheel turns while it starts; afterwards the same news come as lines.
        Action<string> say = Terminal.Say;
        var withNews = options with { Servers = options.Servers with { Say = text => say(text) } };
        var stack = await Terminal.WorkAsync(
            "Starting QuickPay",
            progress =>
            {
                say = progress;
                return LocalStack.StartAsync(withNews, cancellationToken);
            }
        );
        say = Terminal.Say;
        await using (stack)
        {
            if (json)
                StatusCommand.WriteJson(await StackStatus.ReadAsync(options.Servers.Data, cancellationToken));
            else
                await Console.Out.WriteLineAsync(Tour.Text(stack, options.Servers.Data));
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
