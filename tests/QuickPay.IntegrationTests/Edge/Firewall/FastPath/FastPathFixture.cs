using System.Text;
using Microsoft.Extensions.Options;
using QuickPay.Edge.Firewall;
using QuickPay.Edge.Firewall.FastPath;

namespace QuickPay.IntegrationTests.Edge.Firewall.FastPath;

/// <summary>The rules that are installed here, and the fast class made from them.</summary>
public sealed class FastPathFixture : IDisposable
{
    public ModSecurityEngine Engine { get; } = new(Options.Create(new FirewallOptions()));

    internal RuleWords Rules { get; } = RuleWords.Read(ModSecurityEngine.RulesOf(new FirewallOptions().RulesFolder));

    internal Vocabulary Vocabulary => field ??= new Vocabulary(Rules);

    internal MemoClass Memos => field ??= new MemoClass(Vocabulary);

    internal bool IsFast(string memo) => Memos.Contains(Encoding.UTF8.GetBytes(memo));

    /// <summary>A model that knows the headers which every <see cref="FastRequest"/> has.</summary>
    internal PositiveModel NewModel()
    {
        var model = new PositiveModel(Vocabulary);
        foreach (var protocol in (string[])["HTTP/1.1", "HTTP/2"])
        {
            Learn(model, FastRequest.Send("점심") with { Protocol = protocol });
            Learn(model, new FastRequest("ListAccounts", "/v1/accounts", "") { Protocol = protocol });
        }
        return model;
    }

    /// <summary>As the firewall does: only what the rules have found nothing in.</summary>
    internal bool Learn(IPositiveModel model, FastRequest request)
    {
        var isClean = Engine.Inspect(request.ToInspected()).IsClean;
        if (isClean)
        {
            var (context, edge) = request.Receive();
            model.Learn(context, edge);
        }
        return isClean;
    }

    internal static bool Matches(IPositiveModel model, FastRequest request)
    {
        var (context, edge) = request.Receive();
        return model.Matches(context, edge);
    }

    public void Dispose() => Engine.Dispose();
}
