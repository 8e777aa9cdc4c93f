using System.Diagnostics;

namespace QuickPay.Edge.Http;

/// <summary>
/// Traces begin here. A stranger's <c>traceparent</c> would let them write into others' traces, choose what is sampled, and make the id that
/// the support looks for ambiguous; so none is read, from anybody. What goes out to API servers, SocketsHttpHandler writes.
/// </summary>
internal sealed class TraceStart : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields => [];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) { }

    public override void ExtractTraceIdAndState(
        object? carrier,
        PropagatorGetterCallback? getter,
        out string? traceId,
        out string? traceState
    ) => (traceId, traceState) = (null, null);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
