using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;
using QuickPay.Cli.Local;
using Spectre.Console;

namespace QuickPay.Cli.Commands;

/// <summary>`aws`: the templates of an installation on AWS, and what must hold for them. Only <see cref="AwsDeployCommands"/> need an account.</summary>
internal static class AwsCommand
{
    public static Command Create()
    {
        var command = new Command("aws", "Make the templates for AWS and check them, which needs no account; deploy them")
        {
            Synth(),
            Check(),
            AwsNagCommand.Create(),
        };
        foreach (var deploying in AwsDeployCommands.All())
            command.Add(deploying);
        return command;
    }

    private static Command Synth()
    {
        var environment = EnvironmentOption();
        environment.Required = true;
        var command = new Command("synth", "Make the templates in infra/QuickPay.Aws/cdk.out") { environment };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var name = parsed.GetValue(environment)!;
                var folder = Synthesis.FolderOf(name);
                var templates = await Terminal.WorkAsync($"Making {name}", _ => Synthesis.RunAsync(name, folder, cancellationToken));
                Terminal.Say($"{templates.All.Count} resources in {folder}");
                return 0;
            }
        );
        return command;
    }

    private static Command Check()
    {
        var environment = EnvironmentOption();
        var json = SharedOptions.Json();
        var command = new Command("check", "Check what must hold for every resource; exit code 0 when it does, else 1")
        {
            environment,
            json,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var installations = await Terminal.WorkAsync(
                    "Making the templates",
                    _ => SynthesizeAsync(parsed.GetValue(environment) is { } one ? [one] : Synthesis.Environments, cancellationToken)
                );
                var checks = installations.Select(AwsCheck.Of).ToList();
                if (parsed.GetValue(json))
                {
                    await Console.Out.WriteLineAsync(JsonSerializer.Serialize(checks, AwsCheckJson.Default.IReadOnlyListAwsCheck));
                }
                else
                {
                    checks.ForEach(Show);
                }
                return checks.All(check => check.Holds) ? 0 : 1;
            }
        );
        return command;
    }

    private static Option<string?> EnvironmentOption()
    {
        var option = new Option<string?>("--env")
        {
            Description = "Which installation",
            HelpName = string.Join('|', Synthesis.Environments),
        };
        option.AcceptOnlyFromAmong(Synthesis.Environments);
        return option;
    }

    /// <summary>In a folder that is gone afterwards: what lies in cdk.out may be older, or changed by hand.</summary>
    private static async Task<List<Installation>> SynthesizeAsync(IReadOnlyList<string> environments, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("quickpay-aws-");
        try
        {
            var made = await Task.WhenAll(
                environments.Select(async name => new Installation(
                    name,
                    await Synthesis.RunAsync(name, Path.Combine(folder.FullName, name), cancellationToken)
                ))
            );
            return [.. made];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Show(AwsCheck check)
    {
        Terminal.Output.MarkupLineInterpolated($"[bold]{check.Environment}[/]");
        var table = new Table().Border(TableBorder.Rounded).AddColumns("property", "resources", "findings");
        foreach (var property in check.Properties)
        {
            var colour = property.Findings.Count == 0 ? "green" : "red";
            table.AddRow(Markup.Escape(property.Property), $"{property.Resources}", $"[{colour}]{property.Findings.Count}[/]");
        }
        Terminal.Output.Write(table);
        foreach (var finding in check.Properties.SelectMany(property => property.Findings))
        {
            Terminal.Output.MarkupLineInterpolated($"[red]{finding.Where}[/]\n    {finding.Fault}");
        }
        Terminal.Output.WriteLine(check.Picture);
        Terminal.Output.WriteLine();
    }
}

/// <summary>What was found in one installation.</summary>
/// <param name="Environment"><c>dev</c> or <c>prod</c>.</param>
/// <param name="Properties">Each with its findings.</param>
/// <param name="Ways">Who reaches whom.</param>
/// <param name="UnusedGroups">Security groups that nothing is in.</param>
internal sealed record AwsCheck(
    string Environment,
    IReadOnlyList<PropertyReport> Properties,
    IReadOnlyList<AwsWay> Ways,
    IReadOnlyList<string> UnusedGroups
)
{
    public bool Holds => Properties.All(property => property.Findings.Count == 0);

    /// <summary>The ways as people see them; programs have <see cref="Ways"/>.</summary>
    [JsonIgnore]
    public string Picture { get; init; } = "";

    public static AwsCheck Of(Installation installation)
    {
        var reach = Reach.Of(installation);
        return new AwsCheck(
            installation.Name,
            Aws.Checks.Properties.Check(installation),
            [.. reach.Ways.Select(way => new AwsWay(way.From.Name, way.To.Name, way.Ports.ToString()))],
            [.. reach.Unused.Select(group => group.Name)]
        )
        {
            Picture = ReachPicture.Of(reach),
        };
    }
}

/// <summary>A way that both ends allow.</summary>
internal sealed record AwsWay(string From, string To, string Ports);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<AwsCheck>))]
internal sealed partial class AwsCheckJson : JsonSerializerContext;
