using System.Net;
using QuickPay.Edge.Balancing;

namespace QuickPay.Edge.Http;

/// <summary>What the internal address answers: health, the servers' state, and what was counted. Members cannot reach it.</summary>
internal static class InternalPages
{
    public static void Use(IApplicationBuilder app)
    {
        // It counts from the start, not from the first look.
        app.ApplicationServices.GetRequiredService<CounterPage>();
        // A page in a browser inside may give its own name this address, and read what it gets (DNS rebinding); it cannot take these names.
        app.Use(next =>
            context => IsNoName(context.Request.Host) ? next(context) : Problems.Of(ProblemCode.UnknownHost).ExecuteAsync(context)
        );
        app.UseRouting()
            .UseEndpoints(routes =>
            {
                routes.MapHealth();
                routes.MapServers();
                routes.MapCounters();
            });
    }

    private static bool IsNoName(HostString host) =>
        string.Equals(host.Host, "localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Host, out _);
}
