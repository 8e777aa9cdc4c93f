using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace QuickPay.Redis;

/// <summary>Registers <see cref="RedisConnection"/>.</summary>
public static class RedisRegistration
{
    /// <summary>May be called by every feature that needs Redis; the first call counts.</summary>
    public static IServiceCollection AddRedis(this IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(service => service.ServiceType == typeof(RedisConnection)))
        {
            return services;
        }

        services
            .AddOptions<RedisOptions>()
            .Bind(configuration.GetSection(RedisOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<RedisConnection>();
        services.AddHostedService<ConnectAtStart>();
        return services;
    }
}
