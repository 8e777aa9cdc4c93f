using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>Registers the fast path.</summary>
internal static class FastPathRegistration
{
    /// <summary>At paranoia levels above 1 rules look for single characters, so that hardly any memo is harmless: there is none then.</summary>
    public static IServiceCollection AddFastPath(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.GetSection(FirewallOptions.Section).Get<FirewallOptions>() ?? new FirewallOptions();
        if (options is { FastPathEnabled: true, ParanoiaLevel: 1 })
        {
            services.AddSingleton<IPositiveModel>(Create);
        }
        return services;
    }

    private static PositiveModel Create(IServiceProvider services)
    {
        var words = RuleWords.Read(ModSecurityEngine.RulesOf(services.GetRequiredService<IOptions<FirewallOptions>>().Value.RulesFolder));
        if (!words.AreKnown)
        {
            FirewallLog.UntriedRules(services.GetRequiredService<ILogger<PositiveModel>>(), string.Join(' ', words.Versions));
        }
        return new PositiveModel(
            new Vocabulary(words),
            isEnabled: words.AreKnown,
            new LearningBudget(services.GetRequiredService<TimeProvider>())
        );
    }
}
