using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using QuickPay.Redis;

namespace QuickPay.Sessions;

/// <summary>Registers tokens and sessions.</summary>
public static class SessionsRegistration
{
    /// <summary>Options are checked when the host starts, and every mistake in them is reported at once.</summary>
    public static IServiceCollection AddSessions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddRedis(configuration).AddAccessTokens(configuration);
        services
            .AddOptions<TokenOptions>()
            .Validate(
                options => options.SigningKeyFile.Length > 0,
                $"{TokenOptions.Section}: SigningKeyFile is required where members log in."
            );
        services
            .AddOptions<SessionOptions>()
            .Bind(configuration.GetSection(SessionOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<SeenSessions>();
        services.AddSingleton(provider => new SessionStore(
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<IOptions<SessionOptions>>(),
            provider.GetRequiredService<SeenSessions>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(provider => new SessionChecker(
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<IOptions<SessionOptions>>(),
            provider.GetRequiredService<SeenSessions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SessionChecker>>()
        ));
        return services;
    }

    /// <summary>
    /// Tokens alone, for a host that verifies them and asks nobody whether their sessions live: it needs no Redis, and public keys will do.
    /// </summary>
    public static IServiceCollection AddAccessTokens(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<TokenOptions>()
            .Bind(configuration.GetSection(TokenOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<AccessTokens>();
        return services;
    }
}
