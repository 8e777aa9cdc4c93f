using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using QuickPay.Cli.Local;
using Spectre.Console;

namespace QuickPay.Cli.Commands;

/// <summary>`status`: which processes run and whether they answer.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);

    public static Command Create(TimeProvider clock)
    {
        var watch = new Option<bool>("--watch") { Description = "Again each second, until Ctrl-C (with --json: one line each)" };
        var data = SharedOptions.Data();
        var json = SharedOptions.Json();
        var command = new Command("status", "Show what runs; exit code 0 when everything is up and healthy, else 1") { watch, data, json };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var folder = SharedOptions.DataFolderFrom(parsed.GetValue(data));
                if (parsed.GetValue(watch))
                    return await WatchAsync(folder, parsed.GetValue(json), clock, cancellationToken);
                var status = await StackStatus.ReadAsync(folder, cancellationToken);
                if (parsed.GetValue(json))
                    WriteJson(status);
                else
                    Terminal.Output.Write(TableOf(status));
                return status.IsHealthy() ? 0 : 1;
            }
        );
        return command;
    }

    public static void WriteJson(StackStatus status, bool onOneLine = false) =>
        Console.Out.WriteLine(
            JsonSerializer.Serialize(status, onOneLine ? StatusLineJson.Default.StackStatus : StatusJson.Default.StackStatus)
        );

    private static async Task<int> WatchAsync(DataFolder folder, bool json, TimeProvider clock, CancellationToken cancellationToken)
    {
        var healthy = false;
        using var timer = new PeriodicTimer(WatchEvery, clock);
        try
        {
            if (json)
                do await ShowAsync(status => WriteJson(status, onOneLine: true));
                while (await timer.WaitForNextTickAsync(cancellationToken));
            else
                await Terminal
                    .Output.Live(new Table())
                    .StartAsync(async live =>
                    {
                        do await ShowAsync(status => live.UpdateTarget(TableOf(status)));
                        while (await timer.WaitForNextTickAsync(cancellationToken));
                    });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how watching ends.
        }
        return healthy ? 0 : 1;

        async Task ShowAsync(Action<StackStatus> show)
        {
            var status = await StackStatus.ReadAsync(folder, cancellationToken);
            healthy = status.IsHealthy();
            show(status);
        }
    }

    private static Spectre.Console.Rendering.IRenderable TableOf(StackStatus status)
    {
        if (status.Processes.Count == 0)
            return new Text("Nothing runs here. Start it: ./quickpay up\n");
        var table = new Table().Border(TableBorder.Rounded).AddColumns("name", "role", "zone", "pid", "address", "health");
        var parts = status.Processes.Any(process => process.Part is not null);
        if (parts)
            table.AddColumn("part");
        var several = status.Processes.Any(process => process.BehindBytes is not null);
        if (several)
            table.AddColumn("behind");
        foreach (var process in status.Processes.OrderBy(process => process.Zone, StringComparer.Ordinal))
        {
            var colour = process.Health == ProcessStatus.Healthy ? "green" : "red";
            List<string> cells =
            [
                Markup.Escape(process.Name),
                Markup.Escape(process.Role),
                Markup.Escape(process.Zone),
                $"{process.Pid}",
                Markup.Escape(process.InternalAddress is { } inside ? $"{process.Address}\n{inside}" : process.Address),
                $"[{colour}]{process.Health}[/]",
            ];
            if (parts)
                cells.Add(Markup.Escape(process.Part ?? ""));
            if (several)
                cells.Add(process.BehindBytes is { } bytes ? $"{bytes:N0} B" : "");
            table.AddRow([.. cells]);
        }
        return table;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StackStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StackStatus))]
internal sealed partial class StatusLineJson : JsonSerializerContext;
