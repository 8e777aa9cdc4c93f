using QuickPay.Edge.Firewall.FastPath;

namespace QuickPay.IntegrationTests.Edge.Firewall.FastPath;

/// <summary>What is remembered of what the rules found clean.</summary>
public sealed class ProvenTextsTests
{
    [Fact]
    public void Only_the_very_text_is_known()
    {
        var texts = new ProvenTexts(100);
        texts.Add("a\nb\n");

        Assert.True(texts.Contains("a\nb\n"));
        Assert.False(texts.Contains("A\nb\n"));
        Assert.False(texts.Contains("a\nb"));
    }

    [Fact]
    public void A_flood_of_new_texts_drives_out_the_unused_and_not_the_used()
    {
        const int max = 100;
        var texts = new ProvenTexts(max);
        texts.Add("unused");
        texts.Add("used");

        for (var i = 0; i < 10 * max; i++)
        {
            texts.Add($"flood {i}");
            Assert.True(texts.Contains("used"));
        }

        Assert.False(texts.Contains("unused"));
        Assert.InRange(Enumerable.Range(0, 10 * max).Count(i => texts.Contains($"flood {i}")), 1, max);
    }
}
