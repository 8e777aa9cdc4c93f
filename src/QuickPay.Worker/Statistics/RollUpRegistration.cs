using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Postgres;
using QuickPay.Statistics;

namespace QuickPay.Worker.Statistics;

/// <summary>The pool of those who sum up, kept apart from the one that everybody gets.</summary>
internal sealed class RollUpPool(NpgsqlDataSource source) : IPrimaryPools, IDisposable
{
    public NpgsqlDataSource Source => source;

    /// <inheritdoc />
    public IEnumerable<NpgsqlDataSource> ToPrimary => [source];

    public void Dispose() => source.Dispose();
}

/// <summary>Registers those who sum up what statistics are made of. Needs <c>AddLedger</c>.</summary>
internal static class RollUpRegistration
{
    public static IServiceCollection AddRollUps(this IServiceCollection services) =>
        services
            .AddSingleton(provider => new RollUpPool(
                DataSources.ForRollUps(provider.GetRequiredService<IOptions<PostgresOptions>>().Value)
            ))
            .AddSingleton<IPrimaryPools>(provider => provider.GetRequiredService<RollUpPool>())
            .AddSingleton(provider => new HourRollUp(
                provider.GetRequiredService<RollUpPool>().Source,
                provider.GetRequiredService<TimeProvider>()
            ))
            .AddSingleton(provider => new AccountRollUp(
                provider.GetRequiredService<RollUpPool>().Source,
                provider.GetRequiredService<TimeProvider>()
            ));
}
