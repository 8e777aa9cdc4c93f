using QuickPay.Edge.Balancing;
using QuickPay.Edge.Callers;
using QuickPay.Edge.Countries;
using QuickPay.Edge.Firewall;
using QuickPay.Edge.Http;
using QuickPay.Edge.Limits;
using QuickPay.Hosting;

namespace QuickPay.Edge;

/// <summary>The edge, put together: what stands in front of the API, in the order in which a request meets it.</summary>
public static class EdgeApp
{
    /// <param name="args">Settings as <c>--Section:Name=value</c>, for tests; a real one is told by its settings file.</param>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddHostSettings();
        builder.AddEdgeHttp();
        builder.Services.AddCallers(builder.Configuration);
        builder.Services.AddCountryRules(builder.Configuration);
        builder.Services.AddRateLimits(builder.Configuration);
        builder.Services.AddFirewall(builder.Configuration);
        builder.Services.AddBalancing(builder.Configuration);

        var app = builder.Build();
        app.UseAnswerHeaders();
        app.UseProblems();
        app.UseListeners();
        app.UseEdgeRequest();
        app.UseAddressLimits();
        app.UseEdgeCors();
        app.UseStrictRequests();
        app.UseCountryRules();
        app.UseRouting();
        app.UseApiSurface();
        app.UseCallers();
        app.UseRequestBuffer();
        app.UseCallLimits();
        app.UseFirewall();
        app.MapHealth();
        app.MapBalancing();
        return app;
    }
}
