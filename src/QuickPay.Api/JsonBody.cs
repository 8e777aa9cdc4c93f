using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace QuickPay.Api;

/// <summary>200 with JSON that was written before, perhaps for somebody else.</summary>
/// <typeparam name="T">What it says.</typeparam>
public sealed class JsonBody<T>(ReadOnlyMemory<byte> body) : IResult, IEndpointMetadataProvider
{
    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.ContentLength = body.Length;
        await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
}
