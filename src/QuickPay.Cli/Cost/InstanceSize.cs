namespace QuickPay.Cli.Cost;

/// <summary>Sizes of servers, in units of a <c>large</c>, and the next one that is large enough.</summary>
internal static class InstanceSize
{
    private static readonly (string Name, int Units)[] Sizes =
    [
        ("large", 1),
        ("xlarge", 2),
        ("2xlarge", 4),
        ("4xlarge", 8),
        ("8xlarge", 16),
        ("12xlarge", 24),
        ("16xlarge", 32),
        ("24xlarge", 48),
    ];

    private static readonly string[] NotOfCaches = ["8xlarge", "16xlarge"];

    /// <summary>Of <c>db.r5.2xlarge</c> 4; what is smaller than a large counts as one; null when the size is unknown.</summary>
    public static int? UnitsOf(string type)
    {
        var size = type[(type.LastIndexOf('.') + 1)..];
        if (size is "nano" or "micro" or "small" or "medium")
            return 1;
        return Sizes.FirstOrDefault(one => one.Name == size) is { Units: > 0 } found ? found.Units : null;
    }

    /// <summary>The type of the same family that has at least so many units, and how many of the largest where one is not enough.</summary>
    /// <param name="type">Never becomes smaller than this.</param>
    /// <param name="units">What is needed.</param>
    public static (string Type, int Count) Grow(string type, long units)
    {
        if (UnitsOf(type) is not { } has || has >= units)
            return (type, 1);
        var family = type[..type.LastIndexOf('.')];
        var sizes = Sizes
            .Where(size => !family.StartsWith("cache.", StringComparison.Ordinal) || !NotOfCaches.Contains(size.Name))
            .ToList();
        foreach (var size in sizes)
            if (size.Units >= units)
                return ($"{family}.{size.Name}", 1);
        return ($"{family}.{sizes[^1].Name}", checked((int)((units + sizes[^1].Units - 1) / sizes[^1].Units)));
    }
}
