using System.Text.Json;
using QuickPay.Edge.Surface;
using QuickPay.Tests.Tidy;

namespace QuickPay.Tests.Edge.Surface;

/// <summary>What the edge lets through is what the API describes, no more and no less.</summary>
public sealed class ApiSurfaceTests
{
    /// <summary>Calls that the description leaves out: the description itself, and the page that shows it.</summary>
    private static readonly string[] Undescribed = ["GET /docs", "GET /docs/{file}", "GET /openapi/v1.json"];

    [Fact]
    public void The_edge_and_the_API_know_the_same_calls()
    {
        var described = Described().Select(call => $"{call.Name}: {call.Method} {call.Path}?{string.Join('&', call.Query)}");
        var allowed = ApiSurface
            .Calls.Where(call => !Undescribed.Contains(call.ToString()))
            .Select(call => $"{call.Name}: {call}?{string.Join('&', call.Query.Order(StringComparer.Ordinal))}");

        Assert.Equal(described.Order(StringComparer.Ordinal), allowed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_what_describes_the_API_is_not_in_its_description() =>
        Assert.Equal(
            Undescribed,
            ApiSurface
                .Calls.Select(call => call.ToString())
                .Except(Described().Select(call => $"{call.Method} {call.Path}"))
                .Order(StringComparer.Ordinal)
        );

    /// <summary>The edge refuses bodies of calls that take none, and those that are no JSON.</summary>
    [Fact]
    public void Calls_with_a_body_are_those_that_the_API_describes_with_one() =>
        Assert.Equal(
            Described().Where(call => call.HasJson).Select(call => call.Name).Order(StringComparer.Ordinal),
            ApiSurface.Calls.Where(call => call.HasBody).Select(call => call.Name).Order(StringComparer.Ordinal)
        );

    /// <summary>The firewall's records name these fields, and no others.</summary>
    [Fact]
    public void The_edge_and_the_API_know_the_same_fields() =>
        Assert.Equal(
            Described().SelectMany(call => call.Fields.Select(field => $"{call.Name}: {field}")).Order(StringComparer.Ordinal),
            ApiSurface.Calls.SelectMany(call => call.Fields.Select(field => $"{call.Name}: {field}")).Order(StringComparer.Ordinal)
        );

    private static List<(string Name, string Method, string Path, string[] Query, bool HasJson, string[] Fields)> Described()
    {
        using var document = JsonDocument.Parse(Repository.Read("docs/openapi.json"));
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        return
        [
            .. from path in document.RootElement.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            select (
                operation.Value.GetProperty("operationId").GetString()!,
                operation.Name.ToUpperInvariant(),
                path.Name,
                QueryOf(operation.Value),
                operation.Value.TryGetProperty("requestBody", out var body)
                    && body.GetProperty("content").TryGetProperty("application/json", out _),
                operation.Value.TryGetProperty("requestBody", out var json)
                    ? FieldsOf(json.GetProperty("content").GetProperty("application/json").GetProperty("schema"), schemas).ToArray()
                    : []
            ),
        ];
    }

    private static IEnumerable<string> FieldsOf(JsonElement schema, JsonElement schemas)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            schema = schemas.GetProperty(reference.GetString()!.Split('/')[^1]);
        }
        return schema.TryGetProperty("properties", out var properties)
            ? properties
                .EnumerateObject()
                .SelectMany(property =>
                    FieldsOf(property.Value, schemas).Select(inner => $"{property.Name}.{inner}").Prepend(property.Name)
                )
            : [];
    }

    private static string[] QueryOf(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var parameters)
            ?
            [
                .. parameters
                    .EnumerateArray()
                    .Where(parameter => parameter.GetProperty("in").GetString() == "query")
                    .Select(parameter => parameter.GetProperty("name").GetString()!)
                    .Order(StringComparer.Ordinal),
            ]
            : [];
}
