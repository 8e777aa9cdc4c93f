using System.Buffers;
using System.IO.Pipelines;

namespace QuickPay.Edge.Http;

/// <summary>
/// Takes the whole body in before anything else sees it: the firewall reads all of it, a retry sends it again, and an API server gets
/// it with its length, however it came. No call needs more than 16 KiB.
/// </summary>
public static class RequestBuffer
{
    public static void UseRequestBuffer(this WebApplication app) =>
        app.Use(next =>
            context =>
            {
                var request = context.Request;
                return
                    request.ContentLength is null or 0 && !request.Headers.ContainsKey("Transfer-Encoding") && request.Protocol != "HTTP/2"
                    ? next(context)
                    : BufferAsync(context, next);
            }
        );

    private static async Task BufferAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var buffer = ArrayPool<byte>.Shared.Rent(EdgeHttp.BodyBytesMax + 1);
        try
        {
            var length = 0;
            int read;
            while ((read = await request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted)) > 0)
            {
                length += read;
                if (length > EdgeHttp.BodyBytesMax)
                {
                    await Problems.Of(ProblemCode.PayloadTooLarge).ExecuteAsync(context);
                    return;
                }
            }
            context.GetEdge().Body = buffer.AsMemory(0, length);
            request.Headers.Remove("Transfer-Encoding");
            request.ContentLength = length;
            request.Body = new MemoryStream(buffer, 0, length, writable: false);
            await next(context);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
