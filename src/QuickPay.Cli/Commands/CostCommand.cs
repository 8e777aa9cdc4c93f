using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Cost;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Commands;

/// <summary>`cost`: what an installation on AWS costs in a month, line by line beside the case study's bill.</summary>
internal static class CostCommand
{
    private const string Prod = "prod";
    private const long ServersMax = 1_000_000;

    public static Command Create()
    {
        var environment = new Option<string>("--env") { Description = "The installation", DefaultValueFactory = _ => Prod };
        environment.AcceptOnlyFromAmong(Synthesis.Environments);
        var members = Count("--members", Volume.MembersMax, "People with a wallet (default: 1000000; of dev 1000)");
        var transfers = Count(
            "--transfers-per-day",
            Volume.TransfersPerDayMax,
            "On average; more makes servers, database and Redis larger than the template's (default: 5000000; of dev 5000)"
        );
        var servers = Count(
            "--servers",
            ServersMax,
            "API servers on average (default: what the busiest second needs, 5 for 5000000 transfers)"
        );
        var capacity = Count(
            "--server-capacity",
            ServersMax,
            "Transfers a second that one API server is trusted with (default: a twentieth of what was measured on two cores, 972)"
        );
        var reserved = new Option<string?>("--reserved")
        {
            Description = "What is saved by reserving servers for this term",
            HelpName = "1y|3y",
        };
        reserved.AcceptOnlyFromAmong([.. PriceBook.Seoul.Reserved.Keys]);
        var curve = new Option<bool>("--curve")
        {
            Description =
                "Also from 10 thousand to 100 million members, with what the batches save (only of prod: dev's sizes do not grow)",
        };
        var explain = new Option<bool>("--explain") { Description = "Also what was assumed, with reasons" };
        var templates = new Option<string?>("--templates")
        {
            Description = "Read these templates instead of making them",
            HelpName = "folder",
        };
        var json = SharedOptions.Json();
        var command = new Command(
            "cost",
            "What an installation on AWS costs in a month: its templates times dated prices, beside the case study's bill. Needs no account. "
                + "Exit code 1 when something in a template has no price"
        )
        {
            environment,
            members,
            transfers,
            servers,
            capacity,
            reserved,
            curve,
            explain,
            templates,
            json,
        };
        command.Validators.Add(result =>
        {
            if (
                result.GetValue(curve)
                && result.GetResult(environment) is { Errors: var errors }
                && !errors.Any()
                && result.GetValue(environment) != Prod
            )
                result.AddError("--curve is of prod: dev's sizes do not grow.");
        });
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var name = parsed.GetValue(environment)!;
                var usual = name == Prod ? Volume.OfTheCaseStudy : Volume.OfDev;
                var question = new CostQuestion(
                    name,
                    new(parsed.GetValue(members) ?? usual.Members, parsed.GetValue(transfers) ?? usual.TransfersPerDay),
                    parsed.GetValue(capacity),
                    parsed.GetValue(servers),
                    parsed.GetValue(reserved),
                    parsed.GetValue(curve)
                );
                try
                {
                    var report = CostReport.Of(
                        parsed.GetValue(templates) is { } folder ? ReadFrom(folder) : await MakeAsync(name, cancellationToken),
                        question,
                        PriceBook.Seoul
                    );
                    if (parsed.GetValue(json))
                        Console.Out.WriteLine(JsonSerializer.Serialize(report, CostReportJson.Default.CostReport));
                    else
                        CostTables.Write(report, parsed.GetValue(explain), Terminal.Output);
                    return 0;
                }
                catch (UnpricedException unpriced)
                {
                    Terminal.Say(unpriced.Message);
                    return 1;
                }
            }
        );
        return command;
    }

    private static Option<long?> Count(string name, long max, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "number",
            CustomParser = result =>
            {
                if (
                    long.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    && value >= 1
                    && value <= max
                )
                    return value;
                result.AddError(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name} must be a whole number from 1 to {max}, not {result.Tokens[0].Value}."
                    )
                );
                return null;
            },
        };

    private static Templates ReadFrom(string folder)
    {
        try
        {
            return Templates.Read(folder);
        }
        catch (InvalidDataException none)
        {
            throw new LocalException(none.Message, none);
        }
    }

    /// <summary>In a folder of its own: another command may be at work in the usual one.</summary>
    private static async Task<Templates> MakeAsync(string environment, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("quickpay-cost-");
        try
        {
            return await Terminal.WorkAsync(
                "Making the templates",
                say =>
                {
                    say($"making the templates of {environment}");
                    return Synthesis.RunAsync(environment, folder.FullName, cancellationToken);
                }
            );
        }
        finally
        {
            // It is emptied and made anew meanwhile, and is not there when that was cut short.
            if (Directory.Exists(folder.FullName))
                Directory.Delete(folder.FullName, recursive: true);
        }
    }
}
