using System.Text.Json;
using Spectre.Console;

namespace QuickPay.Cli.Testing;

/// <summary>Takes the runner's messages, one JSON object a line; counts, shows a line for each class and each failure in full.</summary>
internal sealed class TestReport
{
    private readonly Dictionary<string, string> _classes = [];
    private readonly Dictionary<string, string> _tests = [];

    public TestCounts Counts { get; private set; }

    /// <summary>False for a line that is none of the runner's: somebody wrote to the console.</summary>
    public bool TryTake(string line)
    {
        if (!line.StartsWith("{\"$type\"", StringComparison.Ordinal))
            return false;
        using var message = JsonDocument.Parse(line);
        Take(message.RootElement);
        return true;
    }

    private void Take(JsonElement message)
    {
        switch (Text(message, "$type"))
        {
            case "test-class-starting":
                _classes[Text(message, "TestClassUniqueID")] = Text(message, "TestClassName");
                break;
            case "test-starting":
                _tests[Text(message, "TestUniqueID")] = Text(message, "TestDisplayName");
                break;
            case "test-passed":
                Counts += new TestCounts(1, 0, 0);
                break;
            case "test-skipped":
                Counts += new TestCounts(0, 0, 1);
                Terminal.Errors.MarkupLineInterpolated($"[yellow]skipped[/] {NameOf(message)}: {Text(message, "Reason")}");
                break;
            case "test-failed":
                Fail(NameOf(message), message);
                break;
            // A clean-up that failed left something behind, or the law that each test ends with does not hold.
            case "error"
            or "error-message"
            or "test-assembly-cleanup-failure"
            or "test-collection-cleanup-failure"
            or "test-class-cleanup-failure":
            case "test-method-cleanup-failure" or "test-case-cleanup-failure" or "test-cleanup-failure":
                Fail(Text(message, "$type"), message);
                break;
            case "test-class-finished":
                ShowClass(message);
                break;
        }
    }

    private void ShowClass(JsonElement message)
    {
        var (total, failed) = (message.GetProperty("TestsTotal").GetInt32(), message.GetProperty("TestsFailed").GetInt32());
        var colour = failed == 0 ? "green" : "red";
        var name = _classes.GetValueOrDefault(Text(message, "TestClassUniqueID"), "?");
        var seconds = message.GetProperty("ExecutionTime").GetDecimal();
        Terminal.Errors.MarkupLine($"[{colour}]{total - failed, 4}/{total, -4}[/]{seconds, 7:0.0} s  {Markup.Escape(name)}");
    }

    private void Fail(string name, JsonElement message)
    {
        Counts += new TestCounts(0, 1, 0);
        Terminal.Errors.MarkupLineInterpolated($"[red]failed[/]  {name}");
        foreach (var part in (string[])["Messages", "StackTraces"])
        {
            if (!message.TryGetProperty(part, out var texts) || texts.ValueKind != JsonValueKind.Array)
                continue;
            foreach (var line in texts.EnumerateArray().SelectMany(text => (text.GetString() ?? "").Split('\n')))
                Terminal.Errors.WriteLine($"        {line}");
        }
        if (Text(message, "Output") is { Length: > 0 } output)
            Terminal.Errors.WriteLine(output);
    }

    private string NameOf(JsonElement message) => _tests.GetValueOrDefault(Text(message, "TestUniqueID"), "?");

    private static string Text(JsonElement message, string property) =>
        message.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
