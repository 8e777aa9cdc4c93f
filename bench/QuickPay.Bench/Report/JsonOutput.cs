using System.Text.Encodings.Web;
using System.Text.Json;

namespace QuickPay.Bench.Report;

/// <summary>The machine-readable verdict: alone on standard output.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(object value) => Console.Out.WriteLine(Text(value));

    public static string Text(object value) => JsonSerializer.Serialize(value, Options);
}
