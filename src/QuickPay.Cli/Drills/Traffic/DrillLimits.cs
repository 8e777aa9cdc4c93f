using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>
/// The edge's limits for a stack on which drills run: thousands of people come from thousands of addresses, a drill's members all from one. Only
/// what counts by address is raised, and what counts by phone number and member, of whom a drill has few that do what many would. Nothing is
/// switched off.
/// </summary>
public static class DrillLimits
{
    /// <summary>For <see cref="LocalStackOptions.EdgeSettings"/>.</summary>
    public static EdgeSettingsFile For(EdgeSettingsFile settings) =>
        settings with
        {
            // As many as the traffic has under way.
            Balancing = settings.Balancing with
            {
                InFlightPerClientMax = 4_000,
            },
            RateLimits = settings.RateLimits with
            {
                // 200 that are new, and repeats of some thousands when nothing answers.
                RequestsPerSecondPerAddress = 10_000,
                SignUpsPerMinutePerAddress = 1_000,
                // 2 a second, over 20 phone numbers, repeats besides.
                LoginsPerMinutePerAddress = 2_000,
                LoginsPerMinutePerPhone = 100,
                // 5 a second, and all that waited when an edge or the database comes back.
                TransfersPerSecondPerMember = 500,
            },
        };
}
