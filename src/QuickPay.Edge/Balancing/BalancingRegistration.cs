using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

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
        services.AddSingleton<ProbedAddresses>();
        services.AddSingleton<ServerHealth>();
        services.AddSingleton<HealthProbes>();
        services.AddHostedService(provider => provider.GetRequiredService<HealthProbes>());
        services.AddSingleton<IAvailableDestinationsPolicy, ProbedServers>();
        services.AddSingleton<IForwarderHttpClientFactory, ServerConnections>();
        services.AddSingleton<ServerChoice>();
        services.AddSingleton<IReadiness, ServersReadiness>();
        services.AddReverseProxy().AddTransforms<ForwardedHeaders>();
        // YARP would write a line with the address for each request, and one with a stack for each that fails: ours say it once.
        services.AddLogging(logging => logging.AddFilter("Yarp", LogLevel.Error));
        return services;
    }

    public static void MapBalancing(this WebApplication app) => app.MapReverseProxy(proxy => proxy.UseMiddleware<Dispatch>());
}
