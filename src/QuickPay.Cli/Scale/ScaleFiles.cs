using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Scale;

/// <summary>What `lab scale` leaves behind: `chart.svg` and `report.json` in a folder of its own under `.quickpay/labs`.</summary>
internal static class ScaleFiles
{
    /// <returns>The folder.</returns>
    public static string Write(DataFolder data, DateTimeOffset at, ScaleReport report)
    {
        var folder = Path.Combine(data.LabReports, string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyyMMdd-HHmmss}-scale"));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "chart.svg"), ScaleSvg.Render(report.Curve));
        // Last: a folder without it is of a run that was ended half-way.
        File.WriteAllText(Path.Combine(folder, "report.json"), Json(report));
        return folder;
    }

    public static string Json(ScaleReport report) => JsonSerializer.Serialize(report, ScaleJson.Default.ScaleReport);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(ScaleReport))]
internal sealed partial class ScaleJson : JsonSerializerContext;
