using QuickPay.Edge.Balancing;
using QuickPay.Edge.Firewall;
using QuickPay.Edge.Http;
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
        builder.Services.AddFirewall(builder.Configuration);
        builder.Services.AddBalancing(builder.Configuration);

        var app = builder.Build();
        app.UseProblems();
        app.UseListeners();
        app.UseEdgeRequest();
        app.UseRouting();
        app.UseApiSurface();
        app.UseRequestBuffer();
        app.UseFirewall();
        app.MapBalancing();
        return app;
    }
}
