using System.Globalization;
using QuickPay.Cli.Local;

namespace QuickPay.Bench.Report;

/// <summary>What a measurement leaves behind: `chart.svg` and `report.json` in a folder of its own under `.quickpay/labs`.</summary>
internal static class LabFiles
{
    /// <returns>The folder.</returns>
    public static string Write(DataFolder data, string name, DateTimeOffset at, string? chart, object report)
    {
        var folder = Path.Combine(data.LabReports, string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyyMMdd-HHmmss}-{name}"));
        Directory.CreateDirectory(folder);
        if (chart is not null)
        {
            File.WriteAllText(Path.Combine(folder, "chart.svg"), chart);
        }

        // Last: a folder without it is of a run that was ended half-way.
        File.WriteAllText(Path.Combine(folder, "report.json"), JsonOutput.Text(report));
        return folder;
    }
}
