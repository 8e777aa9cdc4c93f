using QuickPay.Edge.Firewall.FastPath;

namespace QuickPay.IntegrationTests.Edge.Firewall.FastPath;

/// <summary>Words of regular expressions as the rules write them.</summary>
public sealed class PatternSpellerTests
{
    [Theory]
    [InlineData("union", "union")]
    [InlineData("s(?:e(?:lec|t)t|leep)", "select sett sleep")]
    [InlineData("""c[\\'"]*a[\\'"]*t""", "cat")]
    [InlineData("(?i:Drop)", "drop")]
    [InlineData("""or\b and""", "and or")]
    [InlineData("""x\x61b""", "xab")]
    [InlineData("un(?:ion)?", "un union")]
    [InlineData("[dt]ie", "die tie")]
    [InlineData("ab[a-z]cd", "ab cd")]
    [InlineData("""ab\s*cd""", "ab abcd cd")]
    [InlineData("""ab\s+cd""", "ab cd")]
    [InlineData("ab{2,3}", "ab abb")]
    [InlineData("(?:la)+", "la lala")]
    [InlineData("(?=go)(?!no)away", "away go no")]
    [InlineData("""[[:space:]]at""", "at")]
    [InlineData("[^a]bc", "bc")]
    public void An_expression_spells(string pattern, string words)
    {
        HashSet<string> found = [];

        Assert.True(PatternSpeller.AddWords(pattern, found));

        Assert.Equal(words, string.Join(' ', found.Order(StringComparer.Ordinal)));
    }

    /// <summary>What needs a character that a text does not have cannot stand in that text.</summary>
    [Theory]
    [InlineData("<script", "")]
    [InlineData("<script|eval", "eval")]
    [InlineData("eval<?", "eval")]
    [InlineData("(?:<tag|word)end", "wordend")]
    [InlineData("""if\(|[<>]then|else""", "else")]
    [InlineData("[^<]at", "at")]
    public void An_expression_spells_in_a_text_without_brackets(string pattern, string words)
    {
        HashSet<string> found = [];

        Assert.True(PatternSpeller.AddWords(pattern, found, c => c is not ('<' or '>' or '(')));

        Assert.Equal(words, string.Join(' ', found.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void What_cannot_be_read_to_its_end_says_so()
    {
        Assert.False(PatternSpeller.AddWords("a)b", new HashSet<string>()));
        Assert.False(PatternSpeller.AddWords(string.Concat(Enumerable.Repeat("[ab][cd][ef][gh]", 6)), new HashSet<string>()));
    }
}
