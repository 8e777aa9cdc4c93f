using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace QuickPay.Api.OpenApi;

/// <summary>
/// OpenAPI 3.1 at <c>/openapi/v1.json</c>, and a page to read and try it at <c>/docs</c>. Shapes and summaries come from the code
/// itself; <see cref="CallDescriptions"/> adds what a client has to know beyond them.
/// </summary>
public static class ApiDescription
{
    // The page brings its own script and may load nothing from anywhere else, whatever a later version of it would like to.
    private const string OwnSourcesOnly =
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly (string Name, string Description)[] Tags =
    [
        ("Members", "Joining."),
        ("Sessions", "Logging in, and looking after one's devices."),
        ("Accounts", "What a member has."),
        ("Transfers", "Sending, holding, capturing, cancelling."),
        ("Statements", "What happened."),
        ("Rates", "What currencies are worth in each other."),
        ("Statistics", "What happened, summed up."),
        ("Operators", "For those who look after the house."),
        ("Development", "Money from outside, where it is switched on."),
    ];

    public static IServiceCollection AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi(
            "v1",
            options =>
            {
                options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
                options.AddSchemaTransformer((schema, context, _) => SchemaRules.ApplyAsync(schema, context));
                options.AddOperationTransformer((operation, context, _) => OperationDescriber.ApplyAsync(operation, context));
                options.AddDocumentTransformer((document, _, _) => DescribeAsync(document));
            }
        );

    public static void MapApiDescription(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json");
        routes
            .MapScalarApiReference(
                "/docs",
                page => page.WithTitle("QuickPay API").DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp()
            )
            .Add(endpoint =>
            {
                var inner = endpoint.RequestDelegate!;
                endpoint.RequestDelegate = context =>
                {
                    context.Response.Headers.ContentSecurityPolicy = OwnSourcesOnly;
                    return inner(context);
                };
            });
    }

    private static Task DescribeAsync(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "QuickPay",
            Version = "v1",
            Description =
                "Real-time transfers between members. JSON in UTF-8, camelCase; unknown and repeated fields are refused. Amounts are integers "
                + "in minor units, times RFC 3339 in UTC, ids UUIDv7 made by the server. Every error is application/problem+json (RFC 9457) "
                + "with a stable `code`.",
        };
        // Wherever the document was fetched from: it is the same everywhere.
        document.Servers = null;
        document.Tags = Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }).ToHashSet();
        SchemaRules.ApplyToReferences(document);
        return Task.CompletedTask;
    }
}
