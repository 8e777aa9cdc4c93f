using QuickPay.Sessions;

namespace QuickPay.Api.Sessions;

/// <summary>What the HTTP side of sessions adds to the core's <c>AddSessions</c>.</summary>
public static class SessionApiRegistration
{
    /// <summary>The gate behind <c>RequireSession()</c>, and the JSON of session endpoints.</summary>
    public static IServiceCollection AddSessionGate(this IServiceCollection services)
    {
        services.AddSingleton<SessionGate>();
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, SessionJson.Default));
        return services;
    }
}
