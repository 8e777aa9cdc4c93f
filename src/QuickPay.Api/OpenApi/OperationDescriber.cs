using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using QuickPay.Api.Operators;
using QuickPay.Api.Sessions;
using QuickPay.Api.Statements;
using QuickPay.Api.Transfers;
using QuickPay.Ledger;
using QuickPay.Transfers;

namespace QuickPay.Api.OpenApi;

/// <summary>Adds to an operation what it has in common with others of its kind: session, key, headers, problems, examples.</summary>
internal static class OperationDescriber
{
    private const string Json = "application/json";
    private const string ProblemJson = "application/problem+json";
    private const string Bearer = "bearer";
    private const string OperatorBearer = "operator";
    private const string ProblemSchema = "Problem";

    /// <summary>What the edge in front of the API may answer to any call, and what a mistake of ours looks like.</summary>
    private static readonly ProblemCode[] OfEveryCall =
    [
        ProblemCode.RequestBlocked,
        ProblemCode.CountryBlocked,
        ProblemCode.RateLimited,
        ProblemCode.Overloaded,
        ProblemCode.UnavailableRetry,
        ProblemCode.InternalError,
    ];

    public static Task ApplyAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var call = CallDescriptions.Of(operation.OperationId!);
        var document = context.Document!;
        var needsSession = context.Description.ActionDescriptor.EndpointMetadata.OfType<SessionRequired>().Any();
        var needsOperator = context.Description.ActionDescriptor.EndpointMetadata.OfType<OperatorRequired>().Any();
        operation.Description = call.Description;
        AddShared(document);
        if (needsSession || needsOperator)
        {
            var scheme = new OpenApiSecuritySchemeReference(needsOperator ? OperatorBearer : Bearer, document);
            operation.Security = [new OpenApiSecurityRequirement { [scheme] = [] }];
        }
        DescribeParameters(operation, call);
        DescribeBodies(operation, call);
        var endpoint = context.Description;
        var needsPrimary = !ServedOnStandby.Includes(endpoint.HttpMethod!, endpoint.ActionDescriptor.EndpointMetadata);
        DescribeProblems(operation, call, needsSession || needsOperator, needsPrimary, document);
        return Task.CompletedTask;
    }

    private static void AddShared(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            BearerFormat = "JWT",
            Description =
                "The access token of a session: ES256, 15 minutes. The session itself is asked on every call, so that logging out works at once.",
        };
        document.Components.SecuritySchemes[OperatorBearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            BearerFormat = "JWT",
            Description = "The access token of an operator: ES256, 15 minutes. Members' tokens are none, and it is none of a member's.",
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[ProblemSchema] = ProblemShape();
        document.Components.Examples ??= Enum.GetValues<ProblemCode>()
            .ToDictionary(
                code => Problems.Kind(code).Code,
                code => (IOpenApiExample)new OpenApiExample { Value = JsonNode.Parse(Examples.Problem(code)) }
            );
    }

    private static void DescribeParameters(OpenApiOperation operation, CallDescription call)
    {
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
        {
            Describe(parameter, ofDays: operation.OperationId == "GetOperatorStatistics");
            parameter.Required |= call.Required.Contains(parameter.Name);
        }
        if (call.MovesMoney)
        {
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = IdempotencyKey.Header,
                    In = ParameterLocation.Header,
                    Required = true,
                    Description =
                        $"1 to {IdempotencyKey.LengthMax} visible ASCII characters, made and stored by the client before it sends; a retry repeats "
                        + "the request with the same key and gets the first answer, with `Idempotency-Replayed: true`. The member's own, for each kind of call.",
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        MinLength = 1,
                        MaxLength = IdempotencyKey.LengthMax,
                        Pattern = "^[!-~]+$",
                    },
                    Example = "6f0a2b9e-5b1e-4c3a-9d43-c8a15b1e7c3a",
                }
            );
        }
        if (call.ShowsMoney || call.MovesMoney)
        {
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = ConsistencyToken.Name,
                    In = ParameterLocation.Header,
                    Description =
                        "The newest one that the client got, so that it never reads behind it. A cookie of this name does the same.",
                    Schema = Text(),
                }
            );
        }
    }

    private static void Describe(OpenApiParameter parameter, bool ofDays)
    {
        var (description, schema) = parameter.Name switch
        {
            "id" => ("The id.", Text("uuid")),
            "limit" => (
                "Items on the page.",
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Integer,
                    Minimum = "1",
                    Maximum = StatementEndpoints.LimitMax.ToString(CultureInfo.InvariantCulture),
                    Default = StatementEndpoints.LimitDefault,
                }
            ),
            "cursor" => ("`nextCursor` of the page before.", Text()),
            "month" => (
                "A month of Asia/Seoul, such as `2026-11`.",
                new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[0-9]{4}-[0-9]{2}$" }
            ),
            "from" when ofDays => ("The first day, of Asia/Seoul.", Text("date")),
            "to" when ofDays => ("The first day that is left out, of Asia/Seoul.", Text("date")),
            "from" => ("Not before this time.", Text("date-time")),
            "to" => ("Before this time.", Text("date-time")),
            "direction" => ("`in` or `out`.", Words("in", "out")),
            "status" => ("Only these.", Words([.. Enum.GetValues<TransferStatus>().Select(TransferWords.Of)])),
            "counterparty" => ("Only with this account.", Text("uuid")),
            "format" => (
                "What to write it in.",
                new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Enum = ["csv", "html"],
                    Default = "csv",
                }
            ),
            "base" => ("The currency whose worth in the others is asked for: three ISO 4217 letters, such as `KRW`.", CurrencyCode()),
            _ => throw new InvalidOperationException(
                $"The parameter {parameter.Name} is not described: add it to {nameof(OperationDescriber)}."
            ),
        };
        (parameter.Description, parameter.Schema) = (description, schema);
        parameter.Required |= ofDays || parameter.Name is "base" or "month";
    }

    private static void DescribeBodies(OpenApiOperation operation, CallDescription call)
    {
        if (call.Request is not null)
        {
            operation.RequestBody!.Content![Json].Example = JsonNode.Parse(call.Request);
        }
        var (status, answer) = operation.Responses!.Single();
        var response = (OpenApiResponse)answer;
        response.Description = status switch
        {
            "201" => "Done.",
            "204" => "Done; there is nothing to say.",
            _ => "The answer.",
        };
        response.Headers = new Dictionary<string, IOpenApiHeader>();
        if (call.Answer is not null)
        {
            response.Content ??= new Dictionary<string, OpenApiMediaType>();
            if (response.Content.Count == 0)
            {
                response.Content["application/jwk-set+json"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchema { Type = JsonSchemaType.Object },
                };
            }
            response.Content.Values.Single().Example = JsonNode.Parse(call.Answer);
        }
        if (call.ShowsMoney || call.MovesMoney)
        {
            response.Headers[ConsistencyToken.Name] = Header("What this answer changed or showed; send the newest one back.");
        }
        if (call.MovesMoney)
        {
            response.Headers[IdempotencyKey.ReplayedHeader] = Header("`true` when this is the answer to an earlier request with this key.");
        }
    }

    private static void DescribeProblems(
        OpenApiOperation operation,
        CallDescription call,
        bool needsSession,
        bool needsPrimary,
        OpenApiDocument document
    )
    {
        foreach (
            var status in CodesOf(operation, call, needsSession, needsPrimary)
                .GroupBy(code => Problems.Kind(code).Status)
                .OrderBy(group => group.Key)
        )
        {
            var kinds = status.Select(Problems.Kind).ToList();
            operation.Responses![status.Key.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = string.Join('\n', kinds.Select(kind => $"- `{kind.Code}`: {kind.Title} {kind.Advice}")),
                Headers = HeadersOf(kinds, status.Key, call),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [ProblemJson] = new()
                    {
                        Schema = new OpenApiSchemaReference(ProblemSchema, document),
                        Examples = status.ToDictionary(
                            code => Problems.Kind(code).Code,
                            code => (IOpenApiExample)new OpenApiExampleReference(Problems.Kind(code).Code, document)
                        ),
                    },
                },
            };
        }
    }

    private static Dictionary<string, IOpenApiHeader> HeadersOf(List<ProblemKind> kinds, int status, CallDescription call)
    {
        var headers = new Dictionary<string, IOpenApiHeader>();
        if (kinds.Exists(kind => kind.RetryAfterSeconds > 0))
        {
            headers["Retry-After"] = Header("Seconds.", JsonSchemaType.Integer);
        }
        if (call.MovesMoney && call.StoredStatuses.Contains(status))
        {
            headers[IdempotencyKey.ReplayedHeader] = Header("`true` when this refusal is the answer to an earlier request with this key.");
        }
        return headers;
    }

    private static IEnumerable<ProblemCode> CodesOf(OpenApiOperation operation, CallDescription call, bool needsSession, bool needsPrimary)
    {
        IEnumerable<ProblemCode> codes = call.Problems;
        if (needsSession)
        {
            codes = codes.Concat([ProblemCode.Unauthenticated, ProblemCode.SessionRevoked, ProblemCode.UnavailableRetry]);
        }
        if (operation.RequestBody is not null)
        {
            codes = codes.Concat([ProblemCode.InvalidRequest, ProblemCode.PayloadTooLarge, ProblemCode.UnsupportedMediaType]);
        }
        if (needsPrimary)
        {
            codes = codes.Append(ProblemCode.ReadOnly);
        }
        if (call.MovesMoney)
        {
            codes = codes.Concat([
                ProblemCode.IdempotencyKeyMissing,
                ProblemCode.IdempotencyInProgress,
                ProblemCode.IdempotencyKeyReused,
                ProblemCode.Overloaded,
                ProblemCode.OutcomeUnknown,
            ]);
        }
        return codes.Concat(OfEveryCall).Distinct().Order();
    }

    private static OpenApiSchema ProblemShape() =>
        new()
        {
            Type = JsonSchemaType.Object,
            Description = "An error of RFC 9457. Switch on `code`; the rest is for people.",
            Required = new HashSet<string> { "type", "title", "status", "detail", "code", "instance", "traceId" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = Text("uri", "Names the kind of problem."),
                ["title"] = Text(null, "One sentence, the same for every occurrence."),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status." },
                ["detail"] = Text(null, "What to do about it."),
                ["code"] = Words([.. Enum.GetValues<ProblemCode>().Select(code => Problems.Kind(code).Code)]),
                ["instance"] = Text(null, "The path that was called."),
                ["traceId"] = Text(null, "What support needs to find this request."),
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Description = "`invalid_request` only: what is wrong, by field.",
                    AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = Text() },
                },
                ["limit"] = Described(
                    "`limit_exceeded` only: which one.",
                    Words([.. Enum.GetValues<LimitKind>().Where(kind => kind != LimitKind.None).Select(PostingAnswers.WordOf)])
                ),
                ["remaining"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Integer,
                    Format = "int64",
                    Description = "`limit_exceeded` only: what is left of it, in minor units.",
                },
            },
        };

    private static OpenApiHeader Header(string description, JsonSchemaType type = JsonSchemaType.String) =>
        new()
        {
            Description = description,
            Schema = new OpenApiSchema { Type = type },
        };

    private static OpenApiSchema Text(string? format = null, string? description = null) =>
        new()
        {
            Type = JsonSchemaType.String,
            Format = format,
            Description = description,
        };

    private static OpenApiSchema CurrencyCode() => new() { Type = JsonSchemaType.String, Pattern = "^[A-Z]{3}$" };

    private static OpenApiSchema Described(string description, OpenApiSchema schema)
    {
        schema.Description = description;
        return schema;
    }

    private static OpenApiSchema Words(params string[] words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(word => (JsonNode)JsonValue.Create(word))] };
}
