using System.Diagnostics;
using OpenTelemetry.Trace;

namespace QuickPay.Hosting;

/// <summary>
/// Draws for each request whether it is traced, and all that it does with it. Neither the flag that a client sends nor its choice of an id decides: else
/// strangers could have every request recorded, at our cost.
/// </summary>
/// <param name="ratio">The share that is.</param>
/// <param name="draw">From 0, below 1.</param>
internal sealed class RequestSampler(double ratio, Func<double> draw) : Sampler
{
    public RequestSampler(double ratio)
        : this(ratio, Random.Shared.NextDouble) { }

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var isOurs = parent.TraceId != default && !parent.IsRemote;
        return new SamplingResult(isOurs ? parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) : draw() < ratio);
    }
}
