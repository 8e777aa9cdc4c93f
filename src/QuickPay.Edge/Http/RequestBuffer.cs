using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Http;

/// <summary>
/// Takes the whole body in before anything else sees it: the firewall reads all of it, a retry sends it again, and an API server gets
/// it with its length, however it came. No call needs more than 16 KiB.
/// </summary>
public static class RequestBuffer
{
    public static void UseRequestBuffer(this WebApplication app)
    {
        var time = app.Services.GetRequiredService<TimeProvider>();
        var timeout = TimeSpan.FromMilliseconds(app.Services.GetRequiredService<IOptions<ConnectionOptions>>().Value.BodyTimeoutMs);
        app.Use(next =>
            context =>
            {
                if (!context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody)
                {
                    context.Request.Headers.Expect = default;
                    return next(context);
                }
                if (!context.GetEdge().Call.HasBody)
                {
                    return Problems.Invalid("body", "This call has no body.").ExecuteAsync(context);
                }
                if (context.Request.ContentLength > EdgeHttp.BodyBytesMax)
                {
                    return Problems.Of(ProblemCode.PayloadTooLarge).ExecuteAsync(context);
                }
                // A packed body is one that the firewall cannot read.
                return context.Request.Headers.ContentEncoding.Count > 0
                    ? Problems
                        .Of(ProblemCode.UnsupportedMediaType, "Send the body as it is, without Content-Encoding.")
                        .ExecuteAsync(context)
                    : BufferAsync(context, next, time, timeout);
            }
        );
    }

    private static async Task BufferAsync(HttpContext context, RequestDelegate next, TimeProvider time, TimeSpan timeout)
    {
        ReadResult read;
        byte[]? body;
        try
        {
            read = await ReadAsync(context.Request.BodyReader, time, timeout);
            // An array of its own, not of a pool: what one member sent is never in another's buffer.
            body = read.IsCanceled || read.Buffer.Length > EdgeHttp.BodyBytesMax ? null : read.Buffer.ToArray();
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            await TimedOutAsync(context);
            return;
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            // Kestrel says so of a chunk whose size overflows, and of a connection that broke.
            await Problems.Invalid("body", "Could not be read.").ExecuteAsync(context);
            return;
        }
        if (body is null)
        {
            await (read.IsCanceled ? TimedOutAsync(context) : Problems.Of(ProblemCode.PayloadTooLarge).ExecuteAsync(context));
            return;
        }
        if (JsonBody.Refusal(context.Request.ContentType, body) is { } problem)
        {
            await problem.ExecuteAsync(context);
            return;
        }
        context.GetEdge().Body = body;
        context.Request.Headers.TransferEncoding = default;
        // Not earlier: as it stood there, the first read told the client to go on.
        context.Request.Headers.Expect = default;
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body, writable: false);
        await next(context);
    }

    private static ValueTask<ReadResult> ReadAsync(PipeReader reader, TimeProvider time, TimeSpan timeout)
    {
        var reading = reader.ReadAtLeastAsync(EdgeHttp.BodyBytesMax + 1);
        // Most bodies come with their headers: only those that are waited for need a clock.
        return reading.IsCompleted ? reading : new(WaitAsync(reading, reader, time, timeout));
    }

    private static async Task<ReadResult> WaitAsync(ValueTask<ReadResult> reading, PipeReader reader, TimeProvider time, TimeSpan timeout)
    {
        await using var deadline = time.CreateTimer(
            static reader => ((PipeReader)reader!).CancelPendingRead(),
            reader,
            timeout,
            Timeout.InfiniteTimeSpan
        );
        return await reading;
    }

    private static Task TimedOutAsync(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
        return Problems.Of(ProblemCode.RequestTimeout).ExecuteAsync(context);
    }
}
