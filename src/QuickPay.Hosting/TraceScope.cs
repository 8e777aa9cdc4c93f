using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace QuickPay.Hosting;

/// <summary>
/// The one scope of a log line: the trace's id, which problems name, so that the support finds a member's line. The web server would add
/// the request's path, which holds ids of accounts and whatever else a stranger writes into one; nothing of that is kept.
/// </summary>
internal sealed class TraceScope : IExternalScopeProvider
{
    public void ForEachScope<TState>(Action<object?, TState> callback, TState state)
    {
        if (Activity.Current is { } activity)
        {
            callback(new Trace(activity.TraceId.ToHexString()), state);
        }
    }

    public IDisposable Push(object? state) => Nothing.Kept;

    private sealed class Trace(string id) : List<KeyValuePair<string, object?>>([new("TraceId", id)])
    {
        public override string ToString() => $"TraceId:{this[0].Value}";
    }

    private sealed class Nothing : IDisposable
    {
        public static readonly Nothing Kept = new();

        public void Dispose() { }
    }
}
