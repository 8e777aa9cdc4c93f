using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using QuickPay.Edge.Firewall;
using QuickPay.Edge.Http;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>The engine with the settings it has by default, and what it said of each request of the corpus.</summary>
public sealed class FirewallFixture : IDisposable
{
    private readonly ConcurrentDictionary<CorpusRequest, Verdict> _verdicts = new(ReferenceEqualityComparer.Instance);

    public ModSecurityEngine Engine { get; } = new(Options.Create(new FirewallOptions()));

    internal Verdict Verdict(CorpusRequest request) => _verdicts.GetOrAdd(request, key => Engine.Inspect(key.ToInspected()));

    /// <summary>The edge's decision: only what has a plain path comes before the engine.</summary>
    internal bool Blocks(CorpusRequest request) => !StrictPath.IsPlain(request.RawTarget.Split('?')[0]) || Verdict(request).IsBlocked;

    public void Dispose() => Engine.Dispose();
}
