using QuickPay.Edge.Balancing;

namespace QuickPay.Edge.Http;

/// <summary>What the internal address answers: health, the servers' state, and what was counted. Members cannot reach it.</summary>
internal static class InternalPages
{
    public static void Use(IApplicationBuilder app)
    {
        // It counts from the start, not from the first look.
        app.ApplicationServices.GetRequiredService<CounterPage>();
        app.UseRouting()
            .UseEndpoints(routes =>
            {
                routes.MapHealth();
                routes.MapServers();
                routes.MapGet("/counters", (CounterPage counters) => TypedResults.Json(counters.Read()));
            });
    }
}
