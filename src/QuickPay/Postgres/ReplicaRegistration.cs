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
            .Validate(
                replicas =>
                    replicas.StatisticsPassword.Length > 0
                    != configuration[$"{PostgresOptions.Section}:{nameof(PostgresOptions.PasswordFile)}"] is { Length: > 0 },
                $"{ReplicaOptions.Section}:{nameof(ReplicaOptions.StatisticsPassword)} must be given, or with {PostgresOptions.Section}:PasswordFile not."
            )
            .ValidateOnStart();
        services.AddSingleton<ReadReplicas>();
        services.AddSingleton<IPrimaryPools>(provider => provider.GetRequiredService<ReadReplicas>());
        services.AddHostedService(provider => provider.GetRequiredService<ReadReplicas>());
        return services;
    }
}
