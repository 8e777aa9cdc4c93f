using Microsoft.Extensions.Options;
using QuickPay.Redis;
using StackExchange.Redis;

namespace QuickPay.Edge.Limits;

/// <summary>Registers the rate limits: shared by all edges where the section <c>Redis</c> says how, else this edge's own.</summary>
public static class RateLimitsRegistration
{
    public static IServiceCollection AddRateLimits(this IServiceCollection services, IConfiguration configuration)
    {
        var options = services
            .AddOptions<RateLimitOptions>()
            .Bind(configuration.GetSection(RateLimitOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        if (configuration.GetSection(RedisOptions.Section).Exists())
        {
            options.Validate(limits => limits.HashKeyFile.Length > 0, $"{RateLimitOptions.Section}: HashKeyFile is required with Redis.");
            services.AddRedis(configuration);
            services.AddSingleton<ILeases>(provider => new SharedLeases(
                RedisOf(provider),
                TimeSpan.FromMilliseconds(provider.GetRequiredService<IOptions<RateLimitOptions>>().Value.RedisTimeoutMs),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<SharedLeases>>()
            ));
        }
        else
        {
            services.AddSingleton<ILeases, OwnLeases>();
        }
        services.AddSingleton(provider => new RateLimits(
            provider.GetRequiredService<IOptions<RateLimitOptions>>().Value,
            provider.GetRequiredService<ILeases>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        return services;
    }

    private static Func<IDatabase> RedisOf(IServiceProvider provider)
    {
        var redis = provider.GetRequiredService<RedisConnection>();
        return () => redis.Database;
    }
}
