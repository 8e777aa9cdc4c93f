using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Hosting;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: 200 when it can serve, else 503; neither says more to strangers.
/// A server that is stopping is not ready, so that a load balancer sends it nothing new while it drains.
/// </summary>
public static class Health
{
    public static IServiceCollection AddHealth(this IServiceCollection services) => services.AddSingleton<Readiness>();

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Text("live\n")).ExcludeFromDescription();
        routes
            .MapGet(
                "/health/ready",
                async (HttpContext context, Readiness readiness) =>
                    await readiness.IsReadyAsync(context.RequestAborted)
                        ? TypedResults.Text("ready\n")
                        : TypedResults.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            )
            .ExcludeFromDescription();
    }
}

/// <summary>Ready = not stopping, the primary answers, and the next month's partition of the transfers is there.</summary>
public sealed class Readiness(NpgsqlDataSource dataSource, IHostApplicationLifetime lifetime)
{
    private const int MonthsAheadMin = 1;

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return false;
        }
        try
        {
            await using var command = dataSource.CreateCommand(
                "SELECT CASE WHEN pg_is_in_recovery() THEN -1 ELSE transfer_months_ahead() END"
            );
            command.CommandTimeout = 1;
            return (int)(await command.ExecuteScalarAsync(cancellationToken))! >= MonthsAheadMin;
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            return false;
        }
    }
}
