using System.Diagnostics;
using OpenTelemetry.Trace;
using QuickPay.Hosting;

namespace QuickPay.Tests.Hosting;

public sealed class RequestSamplerTests
{
    private const ActivityTraceFlags Recorded = ActivityTraceFlags.Recorded;

    /// <summary>A stranger's word on it, or none: only the draw counts.</summary>
    [Theory]
    [InlineData(0.0, Recorded, true, false)]
    [InlineData(0.1, Recorded, true, false)]
    [InlineData(0.2, ActivityTraceFlags.None, true, true)]
    [InlineData(1.0, ActivityTraceFlags.None, true, true)]
    // What we have begun is followed, whatever is drawn.
    [InlineData(0.0, Recorded, false, true)]
    [InlineData(1.0, ActivityTraceFlags.None, false, false)]
    public void What_is_drawn_counts_and_what_belongs_together_stays_together(
        double ratio,
        ActivityTraceFlags flags,
        bool isRemote,
        bool isRecorded
    )
    {
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, null, isRemote);

        Assert.Equal(isRecorded, Decision(ratio, parent, parent.TraceId));
    }

    [Theory]
    [InlineData(0.1, false)]
    [InlineData(0.2, true)]
    public void What_has_no_parent_is_drawn(double ratio, bool isRecorded) =>
        Assert.Equal(isRecorded, Decision(ratio, default, ActivityTraceId.CreateRandom()));

    private static bool Decision(double ratio, ActivityContext parent, ActivityTraceId trace) =>
        new RequestSampler(ratio, () => 0.15).ShouldSample(new SamplingParameters(parent, trace, "x", ActivityKind.Server)).Decision
        == SamplingDecision.RecordAndSample;
}
