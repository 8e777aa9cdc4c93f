using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using QuickPay.Api.Sessions;
using QuickPay.Rates;

namespace QuickPay.Api.Rates;

/// <summary>What currencies are worth in each other.</summary>
/// <param name="Base">ISO 4217 letters.</param>
/// <param name="AsOf">The day for which the source published them.</param>
/// <param name="Source"><c>ecb</c> or <c>file</c>.</param>
/// <param name="Stale">These are the last good ones: the source has failed since, or its day is more than five days ago.</param>
/// <param name="Rates">How much of each other currency one of the base is: decimal figures without an exponent, of six significant digits at most.</param>
public sealed record RatesView(string Base, DateOnly AsOf, string Source, bool Stale, IReadOnlyDictionary<string, string> Rates);

/// <summary>Exchange rates, to look at.</summary>
public static class RateEndpoints
{
    private static readonly string CacheControl = $"private, max-age={ExchangeRates.KeptFor.TotalSeconds}";

    public static IServiceCollection AddRates(this IServiceCollection services) =>
        services.AddSingleton<RateStore>().AddSingleton<ExchangeRates>();

    /// <summary>Maps <c>/v1/rates</c>.</summary>
    public static void MapRates(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/v1/rates", ReadAsync)
            .WithTags("Rates")
            .RequireSession()
            .WithName("GetRates")
            .WithSummary("What one of a currency is worth in others");

    private static async Task<Results<Ok<RatesView>, Problem>> ReadAsync(
        [FromQuery(Name = "base")] string? code,
        HttpContext context,
        ExchangeRates rates
    )
    {
        if (!DailyRates.IsCode(code))
        {
            return Problems.Invalid("base", "Must be three capital letters, such as KRW.");
        }
        if (await rates.ReadAsync(context.RequestAborted) is not { } published)
        {
            return Problems.Of(ProblemCode.RatesUnavailable);
        }
        if (CrossRates.From(published.Day, code!) is not { } cross)
        {
            return Problems.Invalid("base", $"Must be one of {string.Join(", ", published.Day.Codes.Order(StringComparer.Ordinal))}.");
        }
        // The same for all, but nobody gets it without a session.
        context.Response.Headers.CacheControl = CacheControl;
        return TypedResults.Ok(new RatesView(code!, published.Day.AsOf, published.Source, published.IsStale, cross));
    }
}
