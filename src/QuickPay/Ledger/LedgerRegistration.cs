using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Accounts;
using QuickPay.Postgres;
using QuickPay.Transfers;

namespace QuickPay.Ledger;

/// <summary>Registers the ledger: both pools, the posting engine and the readers.</summary>
public static class LedgerRegistration
{
    public static IServiceCollection AddLedger(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<PostgresOptions>()
            .Bind(configuration.GetSection(PostgresOptions.Section))
            .ValidateDataAnnotations()
            .Validate<IOptions<PostingOptions>, IOptions<ReplicaOptions>>(
                (postgres, posting, replicas) => ForReading(postgres, posting.Value, replicas.Value) > 0,
                "Postgres:ConnectionsMax leaves none for reading: posting alone needs Posting:Lanes x (1 + Posting:AbandonedMax), and an API "
                    + "server's statistics 2."
            )
            .ValidateOnStart();
        services
            .AddOptions<PostingOptions>()
            .Bind(configuration.GetSection(PostingOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<TransferLimits>()
            .Bind(configuration.GetSection(TransferLimits.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);

        services.AddSingleton(provider =>
        {
            var postgres = provider.GetRequiredService<IOptions<PostgresOptions>>().Value;
            var posting = provider.GetRequiredService<IOptions<PostingOptions>>().Value;
            var replicas = provider.GetRequiredService<IOptions<ReplicaOptions>>().Value;
            return DataSources.ForReading(postgres, ForReading(postgres, posting, replicas));
        });
        services.AddSingleton(provider => new PostingPool(
            DataSources.ForPosting(
                provider.GetRequiredService<IOptions<PostgresOptions>>().Value,
                PostingEngine.ConnectionsNeeded(provider.GetRequiredService<IOptions<PostingOptions>>().Value)
            )
        ));
        services.AddHostedService(provider => new PrimaryFinder(
            [
                .. new[] { provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<PostingPool>().Source }
                    .Concat(provider.GetServices<IPrimaryPools>().SelectMany(pools => pools.ToPrimary))
                    .Select(DataSources.HostsOf)
                    .OfType<NpgsqlMultiHostDataSource>(),
            ],
            DataSources.ForAsking(provider.GetRequiredService<IOptions<PostgresOptions>>().Value),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PrimaryFinder>>()
        ));
        services.AddSingleton(provider =>
        {
            var posting = provider.GetRequiredService<IOptions<PostingOptions>>();
            return new PostingEngine(
                provider.GetRequiredService<PostingPool>().Source,
                posting,
                provider.GetRequiredService<IOptions<TransferLimits>>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<PostingEngine>>(),
                provider.GetService<ICommitListener>()
            );
        });
        services.AddHostedService(provider => provider.GetRequiredService<PostingEngine>());
        services.TryAddSingleton<StandbyWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<StandbyWatch>());
        services.AddSingleton<TransferReader>();
        services.AddSingleton<AccountReader>();
        services.AddSingleton<KeyReader>();
        return services;
    }

    /// <summary>What posting and statistics leave.</summary>
    private static int ForReading(PostgresOptions postgres, PostingOptions posting, ReplicaOptions replicas) =>
        postgres.ConnectionsMax - PostingEngine.ConnectionsNeeded(posting) - replicas.ConnectionsToPrimary;

    /// <summary>The posting lanes' pool, kept apart from the one that everybody gets.</summary>
    private sealed record PostingPool(NpgsqlDataSource Source);
}
