using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Report;

namespace QuickPay.Cli.Drills.Runs;

/// <summary>What a drill leaves behind: `report.json`, `timeline.svg`, `timeline.txt`, and `history.jsonl`, from which anybody can judge again.</summary>
internal static class DrillReport
{
    private const string File = "report.json";

    /// <returns>The result with the folder it was written to.</returns>
    public static DrillResult Write(string reports, DrillResult result, IReadOnlyList<Operation> operations)
    {
        var folder = Path.Combine(
            reports,
            string.Create(CultureInfo.InvariantCulture, $"{result.At.UtcDateTime:yyyyMMdd-HHmmss}-{result.Name}")
        );
        Directory.CreateDirectory(folder);
        System.IO.File.WriteAllText(
            Path.Combine(folder, "timeline.svg"),
            TimelineSvg.Render(TimelineOf(result, operations, TimelineSvg.BucketsMax))
        );
        System.IO.File.WriteAllText(Path.Combine(folder, "timeline.txt"), Picture(result, operations));
        System.IO.File.WriteAllLines(
            Path.Combine(folder, "history.jsonl"),
            operations.Select(operation => JsonSerializer.Serialize(operation, DrillLineJson.Default.Operation))
        );
        var written = result with { Report = folder };
        // Last: a folder without it is a drill that was ended half-way.
        System.IO.File.WriteAllText(Path.Combine(folder, File), JsonSerializer.Serialize(written, DrillJson.Default.DrillResult));
        return written;
    }

    /// <summary>The picture for a terminal.</summary>
    public static string Picture(DrillResult result, IReadOnlyList<Operation> operations) =>
        TimelineText.Render(TimelineOf(result, operations, TimelineText.BucketsMax(100)));

    /// <summary>Every report of a folder that is whole, the oldest first.</summary>
    public static IReadOnlyList<DrillResult> ReadAll(string reports) =>
        Directory.Exists(reports)
            ?
            [
                .. Directory
                    .EnumerateDirectories(reports)
                    .Select(folder => Path.Combine(folder, File))
                    .Where(System.IO.File.Exists)
                    .Order(StringComparer.Ordinal)
                    .Select(file => JsonSerializer.Deserialize(System.IO.File.ReadAllText(file), DrillJson.Default.DrillResult)!),
            ]
            : [];

    private static Timeline TimelineOf(DrillResult result, IReadOnlyList<Operation> operations, int bucketsMax) =>
        Timeline.Of($"Drill {result.Name}, {result.Rate} operations a second", operations, result.Events, bucketsMax);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DrillResult))]
[JsonSerializable(typeof(IReadOnlyList<DrillResult>))]
internal sealed partial class DrillJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Operation))]
internal sealed partial class DrillLineJson : JsonSerializerContext;
