using Microsoft.Extensions.DependencyInjection;

namespace QuickPay.Operators;

/// <summary>Registers operators and how they prove themselves. Needs <c>AddMembers</c> and <c>AddSessions</c>.</summary>
public static class OperatorsRegistration
{
    public static IServiceCollection AddOperators(this IServiceCollection services) =>
        services.AddSingleton<OperatorDirectory>().AddSingleton<OperatorPasswords>().AddSingleton<OperatorTokens>();
}
