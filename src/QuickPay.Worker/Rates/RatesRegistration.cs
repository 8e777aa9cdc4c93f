using Microsoft.Extensions.Options;
using QuickPay.Rates;

namespace QuickPay.Worker.Rates;

/// <summary>Registers the looks for exchange rates, where there is a source for them.</summary>
internal static class RatesRegistration
{
    /// <summary>To be called after <see cref="LeadershipRegistration.AddLeadership"/>.</summary>
    public static IServiceCollection AddRates(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(RateOptions.Section);
        services.AddOptions<RateOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        if (section[nameof(RateOptions.Source)] is null or "none")
        {
            return services;
        }
        services.AddSingleton<RateStore>();
        services.AddSingleton<IRateSource>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<RateOptions>>().Value;
            return options.Source == "ecb" ? new EcbRateSource(options) : new FileRateSource(options);
        });
        return services.AddHostedService<LookForRates>();
    }
}
