using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using QuickPay.Edge.Firewall;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>The engine with the settings it has by default, and what it said of each request of the corpus.</summary>
public sealed class FirewallFixture : IDisposable
{
    private readonly ConcurrentDictionary<CorpusRequest, Verdict> _verdicts = new(ReferenceEqualityComparer.Instance);

    public ModSecurityEngine Engine { get; } = new(Options.Create(new FirewallOptions()));

    internal Verdict Verdict(CorpusRequest request) => _verdicts.GetOrAdd(request, key => Engine.Inspect(key.ToInspected()));

    /// <summary>The edge's decision, of which the engine's is the greater part.</summary>
    internal bool Blocks(CorpusRequest request) => RawTargets.HidesQuestionMark(request.RawTarget) || Verdict(request).IsBlocked;

    public void Dispose() => Engine.Dispose();
}
