using Yarp.ReverseProxy.Configuration;

namespace QuickPay.Edge.Balancing;

/// <summary>Registers the load balancer.</summary>
public static class BalancingRegistration
{
    public static IServiceCollection AddBalancing(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<BalancingOptions>()
            .Bind(configuration.GetSection(BalancingOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ServerList>();
        services.AddSingleton<IProxyConfigProvider>(provider => provider.GetRequiredService<ServerList>().Config);
        services.AddHostedService(provider => provider.GetRequiredService<ServerList>());
        services.AddSingleton<IReadiness, ServersReadiness>();
        services.AddReverseProxy();
        return services;
    }

    public static void MapBalancing(this WebApplication app) => app.MapReverseProxy();
}
