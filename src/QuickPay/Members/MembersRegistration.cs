using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using QuickPay.Postgres;
using QuickPay.Sessions;

namespace QuickPay.Members;

/// <summary>Registers members, passwords and PINs. Needs an <see cref="NpgsqlDataSource"/> and <c>AddSessions</c>.</summary>
public static class MembersRegistration
{
    /// <summary>Payments have a pool of their own: a flood of logins by strangers must not keep members from paying.</summary>
    private const string ForPins = "pins";

    /// <summary>Options are checked when the host starts, and every mistake in them is reported at once.</summary>
    public static IServiceCollection AddMembers(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<PersonalDataOptions>()
            .Bind(configuration.GetSection(PersonalDataOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<SlowHashOptions>()
            .Bind(configuration.GetSection(SlowHashOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PersonalDataKeys>();
        services.AddSingleton<PersonalDataVault>();
        services.AddSingleton<SlowHashPool>();
        services.AddKeyedSingleton<SlowHashPool>(ForPins);
        // Nothing is asked where nobody starts it: only a host of the ledger may stand beside a standby.
        services.TryAddSingleton<StandbyWatch>();
        services.AddSingleton<StandbyTries>();
        services.AddSingleton<Credentials>();
        services.AddSingleton<MemberDirectory>();
        services.AddSingleton(provider => new SignUp(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<MemberDirectory>(),
            provider.GetRequiredService<Credentials>(),
            provider.GetRequiredService<SlowHashPool>(),
            provider.GetRequiredService<PersonalDataVault>(),
            provider.GetRequiredService<PersonalDataKeys>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(provider => new Passwords(
            provider.GetRequiredService<MemberDirectory>(),
            provider.GetRequiredService<Credentials>(),
            provider.GetRequiredService<SlowHashPool>()
        ));
        services.AddSingleton(provider => new Pins(
            provider.GetRequiredService<Credentials>(),
            provider.GetRequiredKeyedService<SlowHashPool>(ForPins),
            provider.GetRequiredService<PersonalDataKeys>(),
            provider.GetRequiredService<SessionStore>(),
            provider.GetRequiredService<SeenSessions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Pins>>()
        ));
        return services;
    }
}
