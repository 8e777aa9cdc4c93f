using Microsoft.Extensions.Options;
using QuickPay.Edge.Firewall.FastPath;

namespace QuickPay.Edge.Firewall;

/// <summary>Registers the firewall.</summary>
public static class FirewallRegistration
{
    public static IServiceCollection AddFirewall(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<FirewallOptions>()
            .Bind(configuration.GetSection(FirewallOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ModSecurityEngine>();
        services.AddSingleton<InspectionPool>();
        services.AddFastPath(configuration);
        return services;
    }

    /// <summary>After the body was taken in, before anything is forwarded. Loads the rules: without them the edge does not start.</summary>
    /// <exception cref="OptionsValidationException">The rules are not where they should be.</exception>
    /// <exception cref="InvalidOperationException">The library cannot be loaded, or cannot read the rules.</exception>
    public static void UseFirewall(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<InspectionPool>();
        app.UseMiddleware<FirewallMiddleware>();
    }
}
