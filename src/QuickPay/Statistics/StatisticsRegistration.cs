using Microsoft.Extensions.DependencyInjection;

namespace QuickPay.Statistics;

/// <summary>Registers those who read statistics. Needs <c>AddReadReplicas</c>.</summary>
public static class StatisticsRegistration
{
    public static IServiceCollection AddStatistics(this IServiceCollection services) =>
        services.AddSingleton<MemberStatistics>().AddSingleton<OperatorStatistics>();
}
