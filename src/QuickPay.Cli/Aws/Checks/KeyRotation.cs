namespace QuickPay.Cli.Aws.Checks;

/// <summary>A key is replaced by itself every year, so that what one of them gave away ends.</summary>
internal static class KeyRotation
{
    public static readonly Property Property = new("keys rotate", Look);

    private static IEnumerable<Look> Look(Installation installation) =>
        installation
            .OfType("AWS::KMS::Key")
            .Select(key => Checks.Look.At(key, key["EnableKeyRotation"].IsTrue(), "it is never replaced: set EnableKeyRotation"));
}
