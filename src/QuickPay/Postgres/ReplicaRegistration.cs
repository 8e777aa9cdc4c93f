using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace QuickPay.Postgres;

/// <summary>Registers the read replicas, beside the pools that the ledger registers.</summary>
public static class ReplicaRegistration
{
    public static IServiceCollection AddReadReplicas(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<ReplicaOptions>()
            .Bind(configuration.GetSection(ReplicaOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ReadReplicas>();
        services.AddSingleton<IPrimaryPools>(provider => provider.GetRequiredService<ReadReplicas>());
        services.AddHostedService(provider => provider.GetRequiredService<ReadReplicas>());
        return services;
    }
}
