using QuickPay.Edge.Firewall;
using QuickPay.Edge.Firewall.FastPath;

namespace QuickPay.IntegrationTests.Edge.Firewall.FastPath;

/// <summary>The words of the rules that are installed here.</summary>
public sealed class RuleWordsTests
{
    private static readonly RuleWords Installed = RuleWords.Read(ModSecurityEngine.RulesOf(new FirewallOptions().RulesFolder));

    [Fact]
    public void Every_expression_of_the_installed_rules_is_read_to_its_end()
    {
        Assert.True(Installed.IsComplete);
        Assert.True(Installed.AreKnown);
    }

    /// <summary>Words that stand in the rules whole, in pieces, or with quotation marks between their letters.</summary>
    [Theory]
    [InlineData("union")]
    [InlineData("select")]
    [InlineData("having")]
    [InlineData("truncate")]
    [InlineData("sysdatabases")]
    [InlineData("northwind")]
    [InlineData("python")]
    [InlineData("traceroute")]
    [InlineData("sendmail")]
    [InlineData("rename")]
    [InlineData("processbuilder")]
    [InlineData("unmarshaller")]
    [InlineData("constructor")]
    [InlineData("formaction")]
    [InlineData("errorlevel")]
    public void The_rules_spell(string word) => Assert.Contains(word, Installed.Words);

    [Theory]
    [InlineData("coffee")]
    [InlineData("thanks")]
    [InlineData("lunch")]
    [InlineData("with")]
    [InlineData("kim")]
    [InlineData("july")]
    [InlineData("rent")]
    public void The_rules_do_not_spell(string word) => Assert.DoesNotContain(word, Installed.Words);
}
