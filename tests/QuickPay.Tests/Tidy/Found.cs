namespace QuickPay.Tests.Tidy;

internal static class Found
{
    /// <summary>Fails with every finding in full, one a line.</summary>
    public static void Nothing(IEnumerable<string> findings)
    {
        var all = findings.Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(all.Count == 0, string.Join(Environment.NewLine, all.Prepend("")));
    }
}
