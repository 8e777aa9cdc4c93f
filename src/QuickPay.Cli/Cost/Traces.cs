using System.Globalization;
using System.Text.RegularExpressions;
using QuickPay.Cli.Aws;
using QuickPay.Telemetry;

namespace QuickPay.Cli.Cost;

/// <summary>How many requests are traced: as servers are told when they start, and as they do when they are not told.</summary>
internal static partial class Traces
{
    /// <summary>Of requests. Servers draw themselves; a sampling rule of X-Ray's is for whoever asks it.</summary>
    public static decimal ShareOf(TemplateReader reader)
    {
        var mayTrace = reader.Templates.All.Any(resource =>
            resource.Type.StartsWith("AWS::IAM::", StringComparison.Ordinal)
            && resource.Whole.GetRawText().Contains("xray:PutTraceSegments", StringComparison.Ordinal)
        );
        var shares = reader
            .Templates.OfType("AWS::EC2::LaunchTemplate")
            .Where(template => !SecondRegion.Has(template))
            .Select(template => ShareOf(reader, template))
            .OfType<decimal>()
            .ToList();
        if (mayTrace && shares.Count > 0)
            return shares.Max();
        var rules = reader.Templates.OfType("AWS::XRay::SamplingRule").ToList();
        if (mayTrace && rules.Count == 0)
            reader.Tell("Traces may be written, but no server is told where to (Tracing__Endpoint): none are counted.");
        return rules.Select(rule => TemplateReader.Number(rule, 0, "SamplingRule", "FixedRate")).DefaultIfEmpty().Max();
    }

    /// <returns>Null when such servers trace nothing.</returns>
    private static decimal? ShareOf(TemplateReader reader, Resource template)
    {
        var script = reader.Text(template, "LaunchTemplateData", "UserData");
        if (!Endpoint.IsMatch(script))
            return null;
        if (Ratio.Match(script) is not { Success: true } ratio)
        {
            var otherwise = (decimal)new TracingOptions().SampleRatio;
            reader.Tell(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Servers are not told which share of requests to trace (Tracing__SampleRatio): counted is what they do then, {otherwise}."
                )
            );
            return otherwise;
        }
        return
            decimal.TryParse(ratio.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share)
            && share <= 1
            ? share
            : throw new UnpricedException($"{template}: Tracing__SampleRatio is no share from 0 to 1: {ratio.Groups[1].Value}.");
    }

    [GeneratedRegex("^Tracing__Endpoint=.", RegexOptions.Multiline)]
    private static partial Regex Endpoint { get; }

    [GeneratedRegex("^Tracing__SampleRatio=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Ratio { get; }
}
