using System.Text.Json.Serialization;

namespace QuickPay.Cli.Aws.Nag;

/// <summary>The findings of a pack.</summary>
/// <param name="Pack">One of <see cref="NagPacks.All"/>.</param>
/// <param name="Findings">All.</param>
/// <param name="Suppressed">Of them, with a reason.</param>
/// <param name="Owed">Of the suppressed, those whose reason says that they are to be mended.</param>
/// <param name="Open">The others.</param>
internal sealed record NagCounts(string Pack, int Findings, int Suppressed, int Owed, int Open);

/// <summary>A finding that somebody has thought about.</summary>
internal sealed record SuppressedFinding(NagFinding Finding, string Reason);

/// <summary>Findings against suppressions.</summary>
/// <param name="Environments">The installations that were looked at.</param>
/// <param name="Resources">How many they have.</param>
/// <param name="Packs">How much each pack found.</param>
/// <param name="Open">Findings that nothing is said about.</param>
/// <param name="Stale">What suppressions say of these installations and packs and what is not so (any more).</param>
/// <param name="Suppressed">The other findings, with the reasons.</param>
internal sealed record NagReport(
    IReadOnlyList<string> Environments,
    int Resources,
    IReadOnlyList<NagCounts> Packs,
    IReadOnlyList<NagFinding> Open,
    IReadOnlyList<string> Stale,
    IReadOnlyList<SuppressedFinding> Suppressed
)
{
    [JsonIgnore]
    public bool Holds => Open.Count == 0 && Stale.Count == 0;

    public static NagReport Of(
        NagScan scan,
        IReadOnlyList<Suppression> suppressions,
        IReadOnlyList<string> environments,
        IReadOnlyList<string> packs
    )
    {
        var claims = suppressions
            .SelectMany(suppression => suppression.Claims(environments, packs).Select(claim => (Claim: claim, Suppression: suppression)))
            .ToList();
        var found = new HashSet<SuppressionClaim>();
        var (open, suppressed) = (new List<NagFinding>(), new List<(NagFinding Finding, Suppression By)>());
        foreach (var finding in scan.Findings)
        {
            var covering = claims.Where(each => each.Claim.Covers(finding)).ToList();
            found.UnionWith(covering.Select(each => each.Claim));
            if (covering.Count == 0)
            {
                open.Add(finding);
            }
            else
            {
                suppressed.Add((finding, covering[0].Suppression));
            }
        }
        return new NagReport(
            environments,
            scan.Resources,
            [
                .. packs.Select(pack => new NagCounts(
                    pack,
                    scan.Findings.Count(finding => finding.Pack == pack),
                    suppressed.Count(each => each.Finding.Pack == pack),
                    suppressed.Count(each => each.Finding.Pack == pack && each.By.IsOwed),
                    open.Count(finding => finding.Pack == pack)
                )),
            ],
            open,
            [.. claims.Select(each => each.Claim).Where(claim => !found.Contains(claim)).Select(claim => claim.ToString()).Distinct()],
            [.. suppressed.Select(each => new SuppressedFinding(each.Finding, each.By.Reason))]
        );
    }
}
