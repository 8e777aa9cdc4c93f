using Npgsql;
using QuickPay.Postgres;
using QuickPay.Redis;

namespace QuickPay.Api.Sessions;

/// <summary>
/// For endpoints about members and sessions: when Redis or PostgreSQL cannot take it, the answer is 503 and never a success. An order
/// to log a device out must not get lost.
/// </summary>
internal sealed class StoresAreNeeded : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            return Problems.Of(ProblemCode.UnavailableRetry);
        }
    }

    private static bool IsUnavailable(Exception e) =>
        RedisConnection.IsUnavailable(e) || (e is NpgsqlException && PgErrors.Classify(e) != PgFailure.Data);
}
