using Scalar.AspNetCore;

namespace QuickPay.Api;

/// <summary>OpenAPI 3.1 at <c>/openapi/v1.json</c> and a page to read and try it at <c>/docs</c>.</summary>
public static class ApiDescription
{
    public static IServiceCollection AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi(
            "v1",
            options =>
            {
                options.OpenApiVersion = Microsoft.OpenApi.OpenApiSpecVersion.OpenApi3_1;
                options.AddDocumentTransformer(
                    (document, _, _) =>
                    {
                        document.Info = new Microsoft.OpenApi.OpenApiInfo
                        {
                            Title = "QuickPay",
                            Version = "v1",
                            Description =
                                "Real-time transfers between members. Amounts are whole minor units; times are RFC 3339 UTC; every error is "
                                + "application/problem+json with a stable code.",
                        };
                        return Task.CompletedTask;
                    }
                );
            }
        );

    public static void MapApiDescription(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json");
        routes.MapScalarApiReference("/docs", options => options.WithTitle("QuickPay API"));
    }
}
