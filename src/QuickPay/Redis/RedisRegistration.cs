using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

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

        services.AddOptions<RedisOptions>().Bind(configuration.GetSection(RedisOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisOptions>, FilesExist>());
        services.AddSingleton<RedisConnection>();
        return services;
    }

    private sealed class FilesExist : IValidateOptions<RedisOptions>
    {
        public ValidateOptionsResult Validate(string? name, RedisOptions options) =>
            options.RootCertificate.Length == 0 || File.Exists(options.RootCertificate)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"Redis:RootCertificate names a file that does not exist: {options.RootCertificate}");
    }
}
