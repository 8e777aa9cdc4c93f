using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Drills.Traffic;
using QuickPay.Cli.Local;
using QuickPay.Cli.Local.Zones;
using Spectre.Console;

namespace QuickPay.Cli.Commands;

/// <summary>`drill …`: breaks a stack of three zones under load, and judges what members saw.</summary>
internal static class DrillCommand
{
    private const int SmallDiskMegabytes = 500;

    public static Command Create(TimeProvider clock)
    {
        var command = new Command(
            "drill",
            "Break a stack of three zones under load and judge what members saw. On a stack of its own beside yours, which is gone afterwards; "
                + "reports stay in .quickpay/drills. Exit code 0 when every promise held, else 1"
        );
        command.Subcommands.Add(List());
        foreach (var drill in DrillCatalogue.All(DrillCatalogue.CalmByDefault))
            command.Subcommands.Add(
                Run(drill.Name, $"Breaks: {drill.Breaks}", all => [.. all.Where(one => one.Name == drill.Name)], clock)
            );
        command.Subcommands.Add(Run("all", "All of them, one after the other", all => all, clock));
        return command;
    }

    private static Command List()
    {
        var json = SharedOptions.Json();
        var command = new Command("list", "What there is to break, with what is promised") { json };
        command.SetAction(parsed =>
        {
            var drills = DrillCatalogue.All(DrillCatalogue.CalmByDefault);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(
                    JsonSerializer.Serialize(
                        drills.Select(drill => new DrillListing(
                            drill.Name,
                            drill.Breaks,
                            drill.Promise.TotalSeconds,
                            drill.Goal.TotalSeconds,
                            drill.NeedsRoot
                        )),
                        DrillListJson.Default.IEnumerableDrillListing
                    )
                );
                return;
            }
            var table = new Table().Border(TableBorder.Rounded).AddColumns("drill", "breaks", "promise", "goal", "needs");
            foreach (var drill in drills)
                table.AddRow(
                    Markup.Escape(drill.Name),
                    Markup.Escape(drill.Breaks),
                    DrillJudge.Seconds(drill.Promise),
                    DrillJudge.Seconds(drill.Goal),
                    drill.NeedsRoot ? "root" : ""
                );
            Terminal.Output.Write(table);
        });
        return command;
    }

    private static Command Run(string name, string description, Func<IReadOnlyList<Drill>, IReadOnlyList<Drill>> choose, TimeProvider clock)
    {
        var rate = new Option<int>("--rate") { Description = "Operations a second, 20 to 2,000", DefaultValueFactory = _ => 200 };
        rate.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && value is < 20 or > 2_000)
                result.AddError($"--rate must be from 20 to 2000, not {result.Tokens[0].Value}.");
        });
        var json = SharedOptions.Json();
        var data = SharedOptions.Data();
        var command = new Command(name, description) { rate, json, data };
        var minutes = new Option<double>("--minutes")
        {
            Description = "How long nothing is broken",
            DefaultValueFactory = _ => DrillCatalogue.CalmByDefault.TotalMinutes,
        };
        if (name == "calm")
            command.Options.Add(minutes);
        minutes.Validators.Add(result =>
        {
            if (
                result.Tokens.Count == 1
                && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value)
                && value is not (>= 0.1 and <= 600)
            )
                result.AddError($"--minutes must be from 0.1 to 600, not {result.Tokens[0].Value}.");
        });
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var calm = name == "calm" ? TimeSpan.FromMinutes(parsed.GetValue(minutes)) : DrillCatalogue.CalmByDefault;
                var options = new DrillOptions
                {
                    Rate = parsed.GetValue(rate),
                    Reports = ReportsIn(SharedOptions.DataFolderFrom(parsed.GetValue(data))),
                    Say = Terminal.Say,
                    Clock = clock,
                };
                return RunAsync(choose(DrillCatalogue.All(calm)), options, parsed.GetValue(json), cancellationToken);
            }
        );
        return command;
    }

    /// <summary>Where reports stay.</summary>
    internal static string ReportsIn(DataFolder data) => data.DrillReports;

    private static async Task<int> RunAsync(
        IReadOnlyList<Drill> drills,
        DrillOptions options,
        bool json,
        CancellationToken cancellationToken
    )
    {
        if (drills is [{ NeedsRoot: true } alone] && !Environment.IsPrivilegedProcess)
            throw new LocalException($"The drill `{alone.Name}` cuts lines between zones or fills a disk: run it as root.");
        List<DrillResult> results = [];
        // Disks in memory would flatter the others.
        foreach (var together in drills.GroupBy(drill => drill.FillsDisk))
            results.AddRange(
                await RunTogetherAsync([.. together], together.Key ? SmallDiskMegabytes : null, options, json, cancellationToken)
            );
        if (json)
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(results, DrillJson.Default.IReadOnlyListDrillResult));
        else if (results.Count > 1)
            DrillTable.ShowAll(Terminal.Output, results);
        return results.Count == drills.Count && results.All(result => result.Held) ? 0 : 1;
    }

    /// <summary>On one stack.</summary>
    private static async Task<IReadOnlyList<DrillResult>> RunTogetherAsync(
        IReadOnlyList<Drill> drills,
        int? diskMegabytes,
        DrillOptions options,
        bool json,
        CancellationToken cancellationToken
    )
    {
        if (!Environment.IsPrivilegedProcess && drills.All(drill => drill.NeedsRoot))
        {
            options.Say($"{string.Join(", ", drills.Select(drill => drill.Name))} left out: that takes root");
            return [];
        }
        await using var stack = await ZonedStack.StartAsync(
            new ZonedStackOptions
            {
                Data = DataFolder.Temporary("drill"),
                DeleteAtEnd = true,
                Say = options.Say,
                Clock = options.Clock,
                EdgeSettings = DrillLimits.For,
                DiskMegabytes = diskMegabytes,
            },
            cancellationToken
        );
        using var runner = await DrillRunner.CreateAsync(stack, options, cancellationToken);
        List<DrillResult> results = [];
        foreach (var drill in drills)
        {
            if (drill.CutsLines && !stack.Network.CanBeCut && drills.Count > 1)
            {
                // Said, and missing in the results: what was not run has not held.
                options.Say($"drill {drill.Name} left out: it cuts lines between zones, which takes root");
                continue;
            }
            var result = await runner.RunAsync(drill, cancellationToken);
            results.Add(result);
            if (!json)
                DrillTable.Show(Terminal.Output, result);
        }
        return results;
    }
}

/// <summary>One drill as `drill list --json` names it.</summary>
internal sealed record DrillListing(string Name, string Breaks, double PromiseSeconds, double GoalSeconds, bool NeedsRoot);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(
    PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true
)]
[System.Text.Json.Serialization.JsonSerializable(typeof(IEnumerable<DrillListing>))]
internal sealed partial class DrillListJson : System.Text.Json.Serialization.JsonSerializerContext;
