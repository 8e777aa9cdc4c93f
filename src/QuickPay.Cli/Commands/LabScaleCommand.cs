using System.CommandLine;
using System.Globalization;
using QuickPay.Cli.Scale;

namespace QuickPay.Cli.Commands;

/// <summary>`lab scale`: where one primary ends, and several ledgers simulated.</summary>
internal static class LabScaleCommand
{
    private static readonly ScaleQuestion Usual = new();

    public static Command Create(TimeProvider clock)
    {
        var ledgers = Number("--ledgers", 1, 64, "The most ledgers, 1 to 64: 1, 2, 4 … up to it are simulated", Usual.Ledgers);
        var cross = Number<double?>(
            "--cross",
            0,
            1,
            "Share of transfers across ledgers, 0 to 1 (default: wherever a hash leads, 1 − 1/N)",
            null
        );
        var cost = Number("--cross-cost", 1.0, 10, "What a transfer across costs, in those within, 1 to 10", Usual.CrossCost);
        var skew = Number("--skew", 0.0, 3, "Exponent of Zipf's law over all accounts, 0 to 3", Usual.Skew);
        var between = Number("--between", 0.0, 1_000, "Milliseconds from a ledger to another, 0 to 1000", Usual.BetweenMs);
        var walks = Number("--walks", 1, 100_000, "Random walks of linked transfers, 1 to 100000", Usual.Walks);
        var seed = Number("--seed", 1, 1_000_000_000, "Repeats a run to the last digit, 1 to 1000000000", Usual.Seed);
        var json = SharedOptions.Json();
        var data = SharedOptions.Data();
        var command = new Command(
            "scale",
            "Past one primary, by arithmetic and simulation, without servers (seconds): where one primary ends, what several ledgers reach, and "
                + "whether transfers between them are safe. The chart stays in .quickpay/labs. Exit code 0 when the simulation fits what was "
                + "measured, no interleaving harms the protocol, and each deliberately wrong one is found out; 1 else; 2 for wrong arguments"
        )
        {
            ledgers,
            cross,
            cost,
            skew,
            between,
            walks,
            seed,
            json,
            data,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var question = new ScaleQuestion(
                    parsed.GetValue(ledgers),
                    parsed.GetValue(cross),
                    parsed.GetValue(cost),
                    parsed.GetValue(skew),
                    parsed.GetValue(between),
                    parsed.GetValue(walks),
                    parsed.GetValue(seed)
                );
                var report = await Terminal.WorkAsync(
                    "Simulating",
                    _ => Task.Run(() => ScaleStudy.Run(question, cancellationToken), cancellationToken)
                );
                var folder = ScaleFiles.Write(SharedOptions.DataFolderFrom(parsed.GetValue(data)), clock.GetUtcNow(), report);
                if (parsed.GetValue(json))
                    await Console.Out.WriteLineAsync(ScaleFiles.Json(report));
                else
                    ScaleTables.Write(report, Terminal.Output);
                Terminal.Say($"chart and figures: {folder}");
                return report.Held ? 0 : 1;
            }
        );
        return command;
    }

    private static Option<T> Number<T>(string name, double least, double most, string description, T usual) =>
        new(name)
        {
            Description = description,
            HelpName = "number",
            DefaultValueFactory = _ => usual,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                var whole = typeof(T) == typeof(int);
                var style = whole ? NumberStyles.None : NumberStyles.AllowDecimalPoint;
                if (double.TryParse(text, style, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
                    return whole ? (T)(object)(int)value : (T)(object)value;
                result.AddError(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name} must be a {(whole ? "whole " : "")}number from {least} to {most}, not {text}."
                    )
                );
                return usual;
            },
        };
}
