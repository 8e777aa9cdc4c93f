using QuickPay.Edge.Balancing;

namespace QuickPay.Edge.Http;

/// <summary>What the internal address answers: health and the servers' state. Members cannot reach it.</summary>
internal static class InternalPages
{
    public static void Use(IApplicationBuilder app) =>
        app.UseRouting()
            .UseEndpoints(routes =>
            {
                routes.MapHealth();
                routes.MapServers();
            });
}
