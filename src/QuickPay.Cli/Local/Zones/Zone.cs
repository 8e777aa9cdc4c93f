namespace QuickPay.Cli.Local.Zones;

/// <summary>One of the three availability zones: a network of its own on this machine.</summary>
/// <param name="Name">`a`, `b` or `c`.</param>
/// <param name="Address">Where its servers listen for each other: the private subnet.</param>
/// <param name="MembersAddress">Where its edge listens for members: the public subnet. The same address where zones have no network of their own.</param>
/// <param name="Namespace">The network namespace its processes run in; null where that takes rights we do not have.</param>
public sealed record Zone(string Name, string Address, string MembersAddress, string? Namespace)
{
    /// <summary>The three, in the order in which they are preferred.</summary>
    public static readonly IReadOnlyList<string> Names = ["a", "b", "c"];
}
