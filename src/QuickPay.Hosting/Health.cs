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
    /// <summary>For hosts that cannot serve without the database.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services) =>
        services.AddSingleton<HostClock>().AddSingleton<IReadiness, DatabaseReadiness>();

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Text("live\n")).ExcludeFromDescription();
        routes
            .MapGet(
                "/health/ready",
                async (HttpContext context, IReadiness readiness, IHostApplicationLifetime lifetime) =>
                    !lifetime.ApplicationStopping.IsCancellationRequested && await readiness.IsReadyAsync(context.RequestAborted)
                        ? TypedResults.Text("ready\n")
                        : TypedResults.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            )
            .ExcludeFromDescription();
    }
}

/// <summary>Whether a host that is not stopping can serve.</summary>
public interface IReadiness
{
    Task<bool> IsReadyAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Ready = the primary answers (or the standby, for a host that may stand beside one), the next month's partition of the transfers is there, and
/// our own clock is no stray.
/// </summary>
internal sealed class DatabaseReadiness(NpgsqlDataSource dataSource, HostClock clock, StandbyWatch standby) : IReadiness
{
    private const int MonthsAheadMin = 1;
    private const int InRecovery = -1;

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = dataSource.CreateCommand(
                "SELECT CASE WHEN pg_is_in_recovery() THEN -1 ELSE transfer_months_ahead() END, clock_timestamp()"
            );
            command.CommandTimeout = 1;
            // Not given up with its probe: a host that has vanished is remembered as gone by a question that waits its full time.
            await using var answer = await command.ExecuteReaderAsync(CancellationToken.None);
            await answer.ReadAsync(CancellationToken.None);
            var (monthsAhead, databaseClock) = (answer.GetInt32(0), answer.GetFieldValue<DateTimeOffset>(1));
            return (monthsAhead >= MonthsAheadMin || (monthsAhead == InRecovery && standby.MayBe))
                && await clock.IsRightAsync(databaseClock);
        }
        catch (Exception e) when (PgErrors.IsOfDatabase(e))
        {
            return false;
        }
    }
}
