namespace QuickPay.Cli.Aws.Checks;

/// <summary>All that must hold, in the order in which it is shown.</summary>
internal static class Properties
{
    public static readonly IReadOnlyList<Property> All =
    [
        KnownTypes.Property,
        OpenToTheInternet.Property,
        WhoReachesWhom.Property,
        PrivateStores.Property,
        TransportOfMembers.Property,
        Encryption.Property,
        KeysOfOurs.Property,
        KeyRotation.Property,
        Buckets.Property,
        Policies.Property,
        Boundaries.Property,
        WithinBoundary.Property,
        PlainSecrets.Property,
        InstanceMetadata.Property,
        LogsEnd.Property,
        Backups.Property,
        Survival.Property,
        InTwoRegions.Property,
        SeveralZones.Property,
    ];

    /// <summary>What each has to say that concerns an installation.</summary>
    public static IReadOnlyList<PropertyReport> Check(Installation installation) =>
        [
            .. All.Where(property => installation.KeepsData || !property.OnlyWhereDataIsKept)
                .Select(property => property.Check(installation)),
        ];
}
