using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace QuickPay.Statistics;

/// <summary>Registers those who read statistics. Needs <c>AddLedger</c>.</summary>
public static class StatisticsRegistration
{
    public static IServiceCollection AddStatistics(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<StatisticsOptions>()
            .Bind(configuration.GetSection(StatisticsOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        return services.AddSingleton<StatisticsSource>().AddSingleton<MemberStatistics>().AddSingleton<OperatorStatistics>();
    }
}
