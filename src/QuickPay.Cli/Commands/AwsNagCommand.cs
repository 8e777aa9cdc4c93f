using System.CommandLine;
using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Nag;
using QuickPay.Cli.Local;
using Spectre.Console;

namespace QuickPay.Cli.Commands;

/// <summary>`aws nag`: AWS's own rule packs over our templates. Apart from `aws check`, since it takes packages from npm.</summary>
internal static class AwsNagCommand
{
    private const string AllPacks = "all";

    public static Command Create()
    {
        var environment = new Option<string?>("--env")
        {
            Description = "Which installation (default: each)",
            HelpName = string.Join('|', Synthesis.Environments),
        };
        environment.AcceptOnlyFromAmong(Synthesis.Environments);
        var pack = new Option<string>("--pack")
        {
            Description = "Which rules",
            HelpName = string.Join('|', NagPacks.All.Append(AllPacks)),
            DefaultValueFactory = _ => AllPacks,
        };
        pack.AcceptOnlyFromAmong([.. NagPacks.All, AllPacks]);
        var json = SharedOptions.Json();
        var command = new Command(
            "nag",
            "Hold the templates against AWS's rule packs (cdk-nag, from npm). Exit code 0 when each finding has its reason in infra/nag/suppressions.json "
                + "and each reason its finding, else 1"
        )
        {
            environment,
            pack,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                string[] environments = parsed.GetValue(environment) is { } one ? [one] : Synthesis.Environments;
                string[] packs = parsed.GetValue(pack) is { } name and not AllPacks ? [name] : NagPacks.All;
                var suppressions = await ReadSuppressionsAsync(cancellationToken);
                var scan = await Terminal.WorkAsync(
                    "Looking at the templates",
                    say => NagScript.RunAsync(environments, packs, say, cancellationToken)
                );
                var report = NagReport.Of(scan, suppressions, environments, packs);
                if (parsed.GetValue(json))
                {
                    await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report, NagJson.Default.NagReport));
                }
                else
                {
                    Show(report);
                }
                return report.Holds ? 0 : 1;
            }
        );
        return command;
    }

    private static async Task<IReadOnlyList<Suppression>> ReadSuppressionsAsync(CancellationToken cancellationToken)
    {
        var file = NagScript.SuppressionsFile;
        var where = Path.GetRelativePath(Programs.RepositoryRoot, file);
        try
        {
            return Suppression.Parse(await File.ReadAllTextAsync(file, cancellationToken), where);
        }
        catch (IOException e)
        {
            throw new LocalException($"{where} cannot be read: {e.Message}", e);
        }
    }

    private static void Show(NagReport report)
    {
        if (report.Open.Count > 0)
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumns("stack", "resource", "rule", "text");
            foreach (var finding in report.Open)
            {
                table.AddRow(new Text(finding.Stack), new Text(finding.LogicalId), new Text(finding.Rule), new Text(finding.Text));
            }
            Terminal.Output.Write(table);
        }
        foreach (var claim in report.Stale)
        {
            Terminal.Output.MarkupLineInterpolated($"[red]suppressed, and not found:[/] {claim}");
        }
        var counts = new Table().Border(TableBorder.Rounded).AddColumns("pack", "findings", "suppressed", "of these owed", "open");
        foreach (var pack in report.Packs)
        {
            var colour = pack.Open == 0 ? "green" : "red";
            counts.AddRow(pack.Pack, $"{pack.Findings}", $"{pack.Suppressed}", $"{pack.Owed}", $"[{colour}]{pack.Open}[/]");
        }
        Terminal.Output.Write(counts);
        Terminal.Output.WriteLine($"{report.Resources} resources of {string.Join(" and ", report.Environments)}");
    }
}
