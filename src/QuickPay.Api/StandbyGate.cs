using QuickPay.Postgres;

namespace QuickPay.Api;

/// <summary>On endpoints that change something, and do so also where the database is a standby.</summary>
internal sealed class ServedOnStandby
{
    public static readonly ServedOnStandby Instance = new();

    /// <summary>Whether a call is served while nothing can be posted: reads, and what says of itself that it needs no primary.</summary>
    public static bool Includes(string method, IEnumerable<object> metadata) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || metadata.OfType<ServedOnStandby>().Any();
}

/// <summary>
/// Refuses what cannot be done while this host's database is a standby (<see cref="StandbyWatch"/>), before anything of it is read or counted. A new
/// call that changes something is refused unless it says otherwise.
/// </summary>
public static class StandbyGate
{
    /// <summary>After the problems; hosts that never stand beside a standby have none.</summary>
    public static void UseStandbyGate(this WebApplication app)
    {
        var standby = app.Services.GetRequiredService<StandbyWatch>();
        if (!standby.MayBe)
        {
            return;
        }
        app.Use(next =>
            context =>
                standby.IsStandby
                && context.GetEndpoint() is { } endpoint
                && !ServedOnStandby.Includes(context.Request.Method, endpoint.Metadata)
                    ? Problems.Of(ProblemCode.ReadOnly).ExecuteAsync(context)
                    : next(context)
        );
    }

    /// <summary>Sessions, for instance, are in Redis.</summary>
    public static TBuilder ServeOnStandby<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(ServedOnStandby.Instance);
}
