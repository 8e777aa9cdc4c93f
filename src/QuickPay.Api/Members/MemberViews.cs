using System.Text.Json;
using System.Text.Json.Serialization;
using QuickPay.Accounts;

namespace QuickPay.Api.Members;

/// <summary>Body of <c>POST /v1/members</c>.</summary>
/// <remarks>No text form: it holds secrets and personal data.</remarks>
public sealed class SignUpBody
{
    /// <summary>E.164 or Korean national notation.</summary>
    public string? Phone { get; init; }

    /// <summary>1 to 60 characters.</summary>
    public string? Name { get; init; }

    /// <summary>8 to 128 characters.</summary>
    public string? Password { get; init; }

    /// <summary>6 digits, asked for when money moves.</summary>
    public string? Pin { get; init; }
}

/// <summary>What a sign-up answers.</summary>
/// <remarks>No text form: personal data.</remarks>
public sealed class MemberView
{
    /// <summary>The member.</summary>
    public required Guid Id { get; init; }

    /// <summary>E.164.</summary>
    public required string Phone { get; init; }

    /// <summary>As the member wrote it.</summary>
    public required string Name { get; init; }

    /// <summary><c>unverified</c> or <c>verified</c>.</summary>
    public required string Tier { get; init; }

    /// <summary>Only in <c>GET /v1/members/me</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TierLimits? Limits { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    PropertyNameCaseInsensitive = false
)]
[JsonSerializable(typeof(SignUpBody))]
[JsonSerializable(typeof(MemberView))]
internal sealed partial class MemberJson : JsonSerializerContext;
