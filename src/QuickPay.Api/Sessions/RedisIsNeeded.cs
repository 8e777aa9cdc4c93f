using QuickPay.Redis;

namespace QuickPay.Api.Sessions;

/// <summary>
/// For endpoints that change sessions: when Redis cannot take it, the answer is 503 and never a success. An order to log a device out
/// must not get lost.
/// </summary>
internal sealed class RedisIsNeeded : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception e) when (RedisConnection.IsUnavailable(e))
        {
            return Problems.Of(ProblemCode.UnavailableRetry);
        }
    }
}
