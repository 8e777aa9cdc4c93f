using QuickPay.Cli.Local;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>
/// The edge's limits for a stack on which drills run: thousands of people come from thousands of addresses, a drill's members all from one. Only
/// what counts by address is raised, and the log-ins of a phone number, of which a drill has few. Nothing is switched off, and a member's
/// own limit stays: 50 transfers a second, of which the default traffic makes 5.
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
            },
        };
}
