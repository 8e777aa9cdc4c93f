using System.Text.Json.Serialization;
using QuickPay.Bench.Measure;
using QuickPay.Bench.Targets;

namespace QuickPay.Bench.Report;

/// <summary>The same load straight to the API and through the edge, one after the other.</summary>
/// <param name="FastShare">Of what came through the edge, the share that the positive model let pass without the full rules; 0 to 1.</param>
/// <param name="Proxy">The same load through a bare TLS proxy, where it was asked for.</param>
internal sealed record EdgeRound(TransfersReport Direct, TransfersReport Edge, double FastShare, TransfersReport? Proxy)
{
    public double AddedP50Ms => Edge.LatencyMs.P50 - Direct.LatencyMs.P50;

    public double AddedP99Ms => Edge.LatencyMs.P99 - Direct.LatencyMs.P99;

    /// <summary>Processor time of the edge alone, of each committed transfer.</summary>
    public double EdgeMicroseconds => Edge.Cpu["edge"].MicrosecondsPerTransfer;

    /// <summary>The same of the bare proxy alone.</summary>
    public double? ProxyMicroseconds => Proxy?.Cpu[YarpBaseline.Role].MicrosecondsPerTransfer;

    /// <summary>Every way the load took, with the processor time of what stood in it.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, double? Own, TransfersReport Run)> Ways =>
        Proxy is null
            ? [("direct", null, Direct), ("edge", EdgeMicroseconds, Edge)]
            : [("direct", null, Direct), ("bare proxy", ProxyMicroseconds, Proxy), ("edge", EdgeMicroseconds, Edge)];
}

/// <summary>All rounds of `bench edge`; its figures are medians over them.</summary>
internal sealed record EdgeReport(IReadOnlyList<EdgeRound> Rounds)
{
    /// <summary>What the edge may add to the middle of all answers.</summary>
    public const double AddedP50MsMax = 0.5;

    /// <summary>What it may add to the slowest hundredth.</summary>
    public const double AddedP99MsMax = 3;

    /// <summary>What a request may cost it.</summary>
    public const double EdgeMicrosecondsMax = 60;

    public double AddedP50Ms => Median(round => round.AddedP50Ms);

    public double AddedP99Ms => Median(round => round.AddedP99Ms);

    public double EdgeMicroseconds => Median(round => round.EdgeMicroseconds);

    /// <summary>Processor time against that of the bare proxy; null where it was not measured.</summary>
    public double? TimesProxy =>
        Rounds[0].Proxy is null ? null : Median(round => round.EdgeMicroseconds / round.ProxyMicroseconds.GetValueOrDefault(double.NaN));

    public double FastShare => Median(round => round.FastShare);

    /// <summary>The books hold; figures of a shared machine are printed and judged by people.</summary>
    public bool Held => Rounds.SelectMany(round => round.Ways).All(way => way.Run.Held);

    public double Median(Func<EdgeRound, double> value) => Flatness.Median(Rounds.Select(value));
}
