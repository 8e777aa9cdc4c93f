using QuickPay.Cli.Aws;

namespace QuickPay.Cli.Cost;

/// <summary>What stands in the second region, or is sent and kept there, is a line of its own.</summary>
internal static class SecondRegion
{
    public const string Note = "What stands in the second region is billed at Seoul's prices: there is no book for it.";

    public static bool Has(Resource resource) => resource.Stack.Contains("-Recovery", StringComparison.Ordinal);

    /// <summary>A usage of a resource, in the line that it belongs to.</summary>
    public static Usage Place(Resource resource, Usage usage) => Has(resource) ? Of(usage) : usage;

    /// <summary>Under the name that it has in the first region, after the line that it would have been in there.</summary>
    public static Usage Of(Usage usage) => usage with { Group = Groups.SecondRegion, Item = $"{usage.Group}: {usage.Item}" };
}
