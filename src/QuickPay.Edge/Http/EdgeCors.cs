using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Http;

/// <summary>
/// Lets pages of the configured origins call the API, and answers browsers that ask beforehand. Credentials go only to origins named one
/// by one; without any, other origins' pages learn nothing.
/// </summary>
public static class EdgeCors
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(10);
    private static readonly string[] Methods = ["GET", "POST", "DELETE"];
    private static readonly string[] RequestHeaders = ["Authorization", "Content-Type", "Idempotency-Key", "QuickPay-Consistency"];

    private static readonly string[] AnswerHeadersShown =
    [
        "QuickPay-Consistency",
        "Idempotency-Replayed",
        "Retry-After",
        "Content-Disposition",
        "RateLimit",
        "RateLimit-Policy",
        AnswerHeaders.RequestId,
    ];

    public static void UseEdgeCors(this WebApplication app)
    {
        var origins = EdgeOptions.Split(app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value.CorsOrigins);
        if (origins.Length > 0)
        {
            app.UseCors(policy =>
                policy
                    .WithOrigins(origins)
                    .WithMethods(Methods)
                    .WithHeaders(RequestHeaders)
                    .WithExposedHeaders(AnswerHeadersShown)
                    .AllowCredentials()
                    .SetPreflightMaxAge(AskAgainAfter)
            );
        }
    }
}
