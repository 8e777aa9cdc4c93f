using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Options;
using QuickPay.Edge.Http;

namespace QuickPay.Edge.Countries;

/// <summary>Refuses requests from countries that the settings do not let in.</summary>
public static class CountryRules
{
    public static IServiceCollection AddCountryRules(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<CountryOptions>()
            .Bind(configuration.GetSection(CountryOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<CountryDatabase>();
        services.AddHostedService(provider => provider.GetRequiredService<CountryDatabase>());
        return services;
    }

    public static void UseCountryRules(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<CountryOptions>>().Value;
        if (!options.HasRules)
        {
            return;
        }
        var database = app.Services.GetRequiredService<CountryDatabase>();
        var rules = new CountryList(options);
        var logger = app.Services.GetRequiredService<ILogger<CountryDatabase>>();
        // 1 until it was said: without proxies to believe, a client from inside is more likely a proxy than a member.
        var maySeeProxy = app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value.TrustedNetworks.Count == 0 ? 1 : 0;
        app.Use(next =>
            context =>
            {
                var client = context.GetEdge().Client;
                if (PrivateNetworks.Has(client))
                {
                    if (maySeeProxy == 1 && Interlocked.Exchange(ref maySeeProxy, 0) == 1)
                    {
                        CountryLog.PrivateClient(logger, client);
                    }
                    return next(context);
                }
                var country = database.CountryOf(client);
                if (rules.LetsIn(country))
                {
                    return next(context);
                }
                EdgeTelemetry.CountriesBlocked.Add(1, new KeyValuePair<string, object?>("country", country ?? "unknown"));
                return Problems.Of(ProblemCode.CountryBlocked).ExecuteAsync(context);
            }
        );
    }
}

/// <summary>The one list that applies.</summary>
internal sealed class CountryList(CountryOptions options)
{
    private readonly bool _named = options.Allow.Length > 0;
    private readonly FrozenSet<string> _countries = EdgeOptions.Split(options.Allow + options.Deny).ToFrozenSet(StringComparer.Ordinal);

    /// <param name="country">Null: nobody knows.</param>
    public bool LetsIn(string? country) => country is null ? options.LetsUnknownIn : _countries.Contains(country) == _named;
}

/// <summary>Addresses that no country has: they are never routed on the Internet (RFC 1918, 3927, 4193, 4291, 6598).</summary>
internal static class PrivateNetworks
{
    private static readonly IPNetwork[] Networks =
    [
        .. ((string[])["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]).Select(text =>
            IPNetwork.Parse(text)
        ),
        .. ((string[])["::1/128", "fc00::/7", "fe80::/10"]).Select(text => IPNetwork.Parse(text)),
    ];

    public static bool Has(IPAddress address) => ClientAddress.IsIn(Networks, address);
}
