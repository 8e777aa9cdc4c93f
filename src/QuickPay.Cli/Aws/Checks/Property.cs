namespace QuickPay.Cli.Aws.Checks;

/// <summary>Something that holds for every resource that it looks at, or is a fault.</summary>
/// <param name="Name">What holds, in a few words.</param>
/// <param name="Look">Each resource that is looked at, once for each fault, or once without any.</param>
internal sealed record Property(string Name, Func<Installation, IEnumerable<Look>> Look)
{
    /// <summary>An installation that may be thrown away need not have it.</summary>
    public bool OnlyWhereDataIsKept { get; init; }

    public PropertyReport Check(Installation installation)
    {
        var looks = Look(installation).ToList();
        var findings = looks
            .Where(look => look.Fault is not null)
            .Select(look => new Finding(Name, look.Resource.ToString(), look.Fault!))
            .Distinct()
            .ToList();
        if (looks.Count == 0)
        {
            // One that sees nothing would hold for ever.
            findings.Add(
                new Finding(
                    Name,
                    installation.Name,
                    "there was nothing to look at: has a type been renamed? Then teach this property its new name"
                )
            );
        }
        return new PropertyReport(Name, looks.Select(look => look.Resource).Distinct().Count(), findings);
    }
}

/// <summary>A resource that was looked at.</summary>
/// <param name="Resource">It.</param>
/// <param name="Fault">What is wrong with it and what to do about it; null: nothing.</param>
internal sealed record Look(Resource Resource, string? Fault = null)
{
    /// <summary>A look at one resource, with all that is wrong with it.</summary>
    public static IEnumerable<Look> At(Resource resource, IEnumerable<string> faults) =>
        faults.Select(fault => new Look(resource, fault)).DefaultIfEmpty(new Look(resource));

    /// <summary>The same with one thing that can be wrong.</summary>
    public static Look At(Resource resource, bool holds, string otherwise) => new(resource, holds ? null : otherwise);
}

/// <summary>Something that is wrong.</summary>
/// <param name="Property">What does not hold.</param>
/// <param name="Where">Stack, resource and type.</param>
/// <param name="Fault">What is wrong and what to do about it.</param>
internal sealed record Finding(string Property, string Where, string Fault);

/// <summary>What a property had to say.</summary>
internal sealed record PropertyReport(string Property, int Resources, IReadOnlyList<Finding> Findings);
