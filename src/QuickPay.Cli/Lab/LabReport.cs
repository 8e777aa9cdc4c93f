using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace QuickPay.Cli.Lab;

/// <summary>One step of a guided run: what was promised, and what was seen.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Tier">Where it was looked: `edge`, `api`, `postgres`, `redis`, `transfer`.</param>
/// <param name="Promise">A sentence.</param>
/// <param name="Held">Whether it is so.</param>
/// <param name="Seen">What shows it; or what is there instead.</param>
/// <param name="IsClaim">Somebody else's figure, measured here: that it is not reached breaks no promise.</param>
internal sealed record LabStep(int Number, string Tier, string Promise, bool Held, string Seen, bool IsClaim = false);

/// <summary>Thrown by a step that found something else than what was promised.</summary>
internal sealed class BrokenPromiseException(string seen) : Exception(seen);

/// <summary>Takes one step after the other and shows each when it is done. A step that fails does not keep the next ones from being taken.</summary>
internal sealed class LabReport(IAnsiConsole console)
{
    private readonly List<LabStep> _steps = [];

    public IReadOnlyList<LabStep> Steps => _steps;

    /// <summary>0 when there were steps and all held, else 1. Claims do not count.</summary>
    public int ExitCode => _steps.Exists(step => !step.IsClaim) && _steps.TrueForAll(step => step.Held || step.IsClaim) ? 0 : 1;

    /// <summary>Takes a step.</summary>
    /// <param name="tier">Where.</param>
    /// <param name="promise">What should be so.</param>
    /// <param name="look">Returns what shows it, and throws when it is not so.</param>
    public async Task StepAsync(string tier, string promise, Func<Task<string>> look)
    {
        LabStep step;
        try
        {
            step = new LabStep(_steps.Count + 1, tier, promise, true, await look());
        }
        // Whatever was thrown: what should have answered did not, or not like that.
        catch (Exception broken) when (broken is not OperationCanceledException { InnerException: null })
        {
            step = new LabStep(_steps.Count + 1, tier, promise, false, broken.Message.ReplaceLineEndings(" "));
        }
        Add(step);
    }

    /// <summary>Notes a figure that somebody claims, beside what was measured.</summary>
    /// <param name="tier">Where.</param>
    /// <param name="claim">What is claimed.</param>
    /// <param name="reached">Whether it was measured so.</param>
    /// <param name="seen">The measured figures.</param>
    public void Claim(string tier, string claim, bool reached, string seen) =>
        Add(new LabStep(_steps.Count + 1, tier, claim, reached, seen, IsClaim: true));

    /// <summary>Ends a step that found something else.</summary>
    public static void Require(bool held, string otherwise)
    {
        if (!held)
            throw new BrokenPromiseException(otherwise);
    }

    public string Json() => JsonSerializer.Serialize(_steps, LabJson.Default.ListLabStep);

    private void Add(LabStep step)
    {
        _steps.Add(step);
        Show(step);
    }

    private void Show(LabStep step)
    {
        if (step.Number == 1 || _steps[^2].Tier != step.Tier)
            console.MarkupLineInterpolated($"\n[bold]{step.Tier}[/]");
        var number = $"{step.Number, 4}";
        if (step.Held)
            console.MarkupLineInterpolated($"{number} [green]✓[/] {step.Promise}");
        else if (step.IsClaim)
            console.MarkupLineInterpolated($"{number} [yellow]○ {step.Promise}[/] (not reached)");
        else
            console.MarkupLineInterpolated($"{number} [red]✗ {step.Promise}[/]");
        console.MarkupLineInterpolated($"       [grey]{step.Seen}[/]");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(List<LabStep>))]
internal sealed partial class LabJson : JsonSerializerContext;
