using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using QuickPay.Accounts;
using QuickPay.Api.Accounts;
using QuickPay.Api.Members;
using QuickPay.Api.Operators;
using QuickPay.Api.Sessions;
using QuickPay.Api.Statements;
using QuickPay.Api.Statistics;
using QuickPay.Api.Transfers;
using QuickPay.Members;
using QuickPay.Money;
using QuickPay.Operators;
using QuickPay.Transfers;

namespace QuickPay.Api.OpenApi;

/// <summary>
/// What the types do not say: which fields a request must have, and the bounds that validation checks. A field that is left out when it
/// is null is optional, and never null.
/// </summary>
internal static class SchemaRules
{
    private static readonly Dictionary<Type, string[]> Requests = new()
    {
        [typeof(SignUpBody)] = ["phone", "name", "password", "pin"],
        [typeof(LogInBody)] = ["phone", "password"],
        [typeof(RefreshBody)] = ["refreshToken"],
        [typeof(OperatorLogInBody)] = ["name", "password"],
        [typeof(SendMoneyBody)] = ["fromAccountId", "to", "amount", "currency"],
        [typeof(RecipientBody)] = [],
        [typeof(DepositBody)] = ["amount", "currency"],
        [typeof(CaptureBody)] = [],
        [typeof(CancelBody)] = [],
    };

    private static readonly Dictionary<(Type, string), Action<OpenApiSchema>> Bounds = new()
    {
        [(typeof(SignUpBody), "name")] = Length(1, MemberName.LengthMax),
        [(typeof(SignUpBody), "password")] = Length(Passwords.LengthMin, Passwords.LengthMax),
        [(typeof(SignUpBody), "pin")] = Pin,
        [(typeof(LogInBody), "password")] = Length(1, Passwords.LengthMax),
        [(typeof(LogInBody), "device")] = Length(0, SessionEndpoints.DeviceLengthMax),
        [(typeof(OperatorLogInBody), "name")] = schema => schema.Pattern = "^[a-z0-9][a-z0-9._-]{1,31}$",
        [(typeof(OperatorLogInBody), "password")] = Length(1, OperatorDirectory.PasswordLengthMax),
        [(typeof(KindView), "kind")] = Words<TransferKind>(TransferWords.Of),
        [(typeof(VolumeView), "kind")] = Words<TransferKind>(TransferWords.Of),
        [(typeof(SendMoneyBody), "fromAccountId")] = Format("uuid"),
        [(typeof(SendMoneyBody), "amount")] = Positive,
        [(typeof(SendMoneyBody), "currency")] = Words<Currency>(Currencies.Code),
        [(typeof(SendMoneyBody), "memo")] = Length(0, TransferValidation.MemoRunesMax),
        [(typeof(SendMoneyBody), "pin")] = Pin,
        [(typeof(SendMoneyBody), "expiresAt")] = Format("date-time"),
        [(typeof(RecipientBody), "accountId")] = Format("uuid"),
        [(typeof(DepositBody), "amount")] = Positive,
        [(typeof(DepositBody), "currency")] = Words<Currency>(Currencies.Code),
        [(typeof(CaptureBody), "amount")] = Positive,
        [(typeof(AccountView), "status")] = Words<AccountStatus>(AccountEndpoints.WordOf),
        [(typeof(TransferView), "status")] = Words<TransferStatus>(TransferWords.Of),
        [(typeof(TransferView), "kind")] = Words<TransferKind>(TransferWords.Of),
        [(typeof(TransactionView), "status")] = Words<TransferStatus>(TransferWords.Of),
        [(typeof(TransactionView), "kind")] = Words<TransferKind>(TransferWords.Of),
        [(typeof(TransactionView), "direction")] = OneOf("in", "out"),
        [(typeof(MemberView), "tier")] = OneOf(MemberEndpoints.WordOf(Tier.Unverified), MemberEndpoints.WordOf(Tier.Verified)),
    };

    public static Task ApplyAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = context.JsonTypeInfo.Type;
        if (schema.Properties is null)
        {
            return Task.CompletedTask;
        }
        var isRequest = Requests.TryGetValue(type, out var required);
        if (isRequest)
        {
            schema.Required = new HashSet<string>(required!);
            schema.AdditionalPropertiesAllowed = false;
            if (type == typeof(RecipientBody))
            {
                (schema.MinProperties, schema.MaxProperties) = (1, 1);
            }
        }
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (!schema.Properties.TryGetValue(property.Name, out var field))
            {
                continue;
            }
            if (isRequest || IsLeftOutWhenNull(property))
            {
                NeverNull(field);
            }
            if (IsLeftOutWhenNull(property))
            {
                schema.Required?.Remove(property.Name);
            }
            if (field is OpenApiSchema concrete && Bounds.TryGetValue((type, property.Name), out var bound))
            {
                bound(concrete);
            }
        }
        return Task.CompletedTask;
    }

    /// <summary>Fields that are objects of their own: none of them is ever null, they are there or left out.</summary>
    public static void ApplyToReferences(OpenApiDocument document)
    {
        foreach (var schema in document.Components!.Schemas!.Values)
        {
            foreach (var (name, field) in schema.Properties?.ToList() ?? [])
            {
                if (
                    field.OneOf is { Count: 2 } either
                    && either.FirstOrDefault(option => option is OpenApiSchemaReference) is { } reference
                )
                {
                    schema.Properties![name] = reference;
                }
            }
        }
    }

    private static bool IsLeftOutWhenNull(System.Text.Json.Serialization.Metadata.JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute ignore, ..]
        && ignore.Condition == JsonIgnoreCondition.WhenWritingNull;

    private static void NeverNull(IOpenApiSchema field)
    {
        if (field is OpenApiSchema schema)
        {
            schema.Type &= ~JsonSchemaType.Null;
        }
    }

    private static void Positive(OpenApiSchema schema) => schema.Minimum = "1";

    private static void Pin(OpenApiSchema schema) => schema.Pattern = "^[0-9]{6}$";

    private static Action<OpenApiSchema> Format(string format) => schema => schema.Format = format;

    private static Action<OpenApiSchema> Length(int min, int max) =>
        schema => (schema.MinLength, schema.MaxLength) = (min == 0 ? null : min, max);

    /// <summary>The words of an enum; several of its values may share one.</summary>
    private static Action<OpenApiSchema> Words<T>(Func<T, string> word)
        where T : struct, Enum => OneOf([.. Enum.GetValues<T>().Select(word).Distinct()]);

    private static Action<OpenApiSchema> OneOf(params string[] words) =>
        schema => schema.Enum = [.. words.Select(word => (JsonNode)JsonValue.Create(word))];
}
