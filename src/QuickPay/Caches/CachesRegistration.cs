using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Accounts;
using QuickPay.Ledger;
using QuickPay.Redis;

namespace QuickPay.Caches;

/// <summary>Registers the caches, for a host that has the ledger.</summary>
public static class CachesRegistration
{
    // Pages are long: many in one command would hold up the session checks on the same connection.
    private const int PagesInOneCommand = 32;

    public static IServiceCollection AddCaches(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddRedis(configuration);
        services
            .AddOptions<CacheOptions>()
            .Bind(configuration.GetSection(CacheOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<CacheOptions>>().Value);
        services.AddSingleton<CacheEpoch>();
        services.AddSingleton<CacheBreaker>();
        services.AddSingleton<CacheWriter>();
        services.AddSingleton<ICommitListener, CommittedBalances>();
        services.AddSingleton(provider => new Balances(
            provider.GetRequiredService<AccountReader>(),
            provider.GetRequiredService<CacheEpoch>(),
            ReadsOf(provider, int.MaxValue),
            provider.GetRequiredService<CacheWriter>(),
            provider.GetRequiredService<CacheOptions>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(provider => new FirstPages(
            provider.GetRequiredService<CacheEpoch>(),
            ReadsOf(provider, PagesInOneCommand),
            provider.GetRequiredService<CacheWriter>(),
            provider.GetRequiredService<CacheOptions>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(provider => new StaleBalances(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<CacheEpoch>(),
            provider.GetRequiredService<CacheOptions>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddHostedService<CacheUpkeep>();
        return services;
    }

    private static CacheReads ReadsOf(IServiceProvider provider, int batchMax) =>
        new(
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<CacheBreaker>(),
            provider.GetRequiredService<TimeProvider>(),
            Math.Min(batchMax, provider.GetRequiredService<CacheOptions>().BatchMax)
        );
}
