using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuickPay.Api.Sessions;

/// <summary>Body of <c>POST /v1/sessions</c>.</summary>
/// <remarks>No text form: it holds a password.</remarks>
public sealed class LogInBody
{
    /// <summary>E.164 or Korean national notation.</summary>
    public string? Phone { get; init; }

    /// <summary>The member's password.</summary>
    public string? Password { get; init; }

    /// <summary>What the member calls this device; up to 64 characters.</summary>
    public string? Device { get; init; }
}

/// <summary>Body of <c>POST /v1/sessions/refresh</c>.</summary>
/// <remarks>No text form: it holds a token.</remarks>
public sealed class RefreshBody
{
    /// <summary>The newest refresh token of the session; it is spent by this call.</summary>
    public string? RefreshToken { get; init; }
}

/// <summary>What a login or a refresh answers.</summary>
/// <remarks>No text form: it holds tokens.</remarks>
public sealed class TokensView
{
    /// <summary>Send it as <c>Authorization: Bearer …</c>.</summary>
    public required string AccessToken { get; init; }

    /// <summary>Worth one refresh; never send it anywhere else.</summary>
    public required string RefreshToken { get; init; }

    /// <summary>Seconds the access token lives.</summary>
    public required int ExpiresIn { get; init; }

    /// <summary>The session, as it stands in the member's list.</summary>
    public required Guid SessionId { get; init; }
}

/// <summary>One of the member's sessions.</summary>
public sealed record SessionView(Guid Id, string? Device, DateTime CreatedAt, DateTime LastSeenAt, bool Current);

/// <summary>What <c>GET /v1/sessions</c> answers; the newest session first.</summary>
public sealed record SessionList(IReadOnlyList<SessionView> Items);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    PropertyNameCaseInsensitive = false
)]
[JsonSerializable(typeof(LogInBody))]
[JsonSerializable(typeof(RefreshBody))]
[JsonSerializable(typeof(TokensView))]
[JsonSerializable(typeof(SessionList))]
internal sealed partial class SessionJson : JsonSerializerContext;
