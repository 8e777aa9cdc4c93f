using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuickPay.Api.Operators;

/// <summary>Body of <c>POST /v1/operator/sessions</c>.</summary>
/// <remarks>No text form: it holds a password.</remarks>
public sealed class OperatorLogInBody
{
    /// <summary>The operator's name, as <c>./quickpay operator add</c> was given it.</summary>
    public string? Name { get; init; }

    /// <summary>The operator's password.</summary>
    public string? Password { get; init; }
}

/// <summary>What an operator's log-in answers.</summary>
/// <remarks>No text form: it holds a token.</remarks>
public sealed class OperatorTokenView
{
    /// <summary>Send it as <c>Authorization: Bearer …</c>; it is good for operators' calls alone.</summary>
    public required string AccessToken { get; init; }

    /// <summary>Seconds the access token lives; then log in again.</summary>
    public required int ExpiresIn { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    PropertyNameCaseInsensitive = false
)]
[JsonSerializable(typeof(OperatorLogInBody))]
[JsonSerializable(typeof(OperatorTokenView))]
internal sealed partial class OperatorJson : JsonSerializerContext;
