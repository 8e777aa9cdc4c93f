using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace QuickPay.Api;

/// <summary>Reads a JSON body and says which field is wrong, instead of only that something is.</summary>
public static class RequestBody
{
    public const int BytesMax = 16 * 1024;

    public static async ValueTask<(T? Body, Problem? Problem)> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            return (null, Problems.Of(ProblemCode.UnsupportedMediaType));
        }
        try
        {
            var body = await JsonSerializer.DeserializeAsync(context.Request.BodyReader, type, context.RequestAborted);
            return body is null ? (null, Problems.Invalid("body", "Must be a JSON object.")) : (body, null);
        }
        catch (JsonException e)
        {
            var field = FieldOf(e.Path);
            return (null, Problems.Invalid(field, Explain(e, field)));
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, Problems.Of(ProblemCode.PayloadTooLarge));
        }
    }

    private static string FieldOf(string? path) => path?.TrimStart('$', '.') is { Length: > 0 } field ? field : "body";

    /// <summary>The serializer's own words name types of this program; a client needs others.</summary>
    private static string Explain(JsonException e, string field) =>
        e.Message switch
        {
            var text when text.Contains("could not be mapped", StringComparison.Ordinal) => "Unknown field.",
            var text when text.Contains("uplicate", StringComparison.Ordinal) => "The field stands there twice.",
            var text when text.Contains("could not be converted", StringComparison.Ordinal) && field == "amount" =>
                "Must be a whole number of minor units, from 1 to 9223372036854775807.",
            var text when text.Contains("could not be converted", StringComparison.Ordinal) => "Has the wrong type.",
            _ => "Is not well-formed JSON.",
        };
}
