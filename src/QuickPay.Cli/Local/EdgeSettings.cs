using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuickPay.Cli.Local;

/// <summary>The section `Edge`.</summary>
public sealed record EdgeListenSettings(
    string Https,
    string HttpRedirect,
    int PublicHttpsPort,
    string Internal,
    string CertificateFile,
    string CertificateKeyFile,
    string? HostNames = null
);

/// <summary>The section `Balancing`.</summary>
public sealed record EdgeBalancingSettings(string ServersFile, string? RootCertificate = null)
{
    /// <summary>Null: the edge's own default.</summary>
    public int? InFlightPerClientMax { get; init; }
}

/// <summary>The section `Tokens` of a host that verifies tokens and cannot make any.</summary>
public sealed record EdgeTokenSettings(string Issuer, string Audience, string AlsoBelievedKeyFiles);

/// <summary>The section `RateLimits`.</summary>
public sealed record EdgeRateLimitSettings(string HashKeyFile)
{
    /// <summary>Null, as with those below: the edge's own default.</summary>
    public int? RequestsPerSecondPerAddress { get; init; }

    public int? LoginsPerMinutePerAddress { get; init; }

    public int? LoginsPerMinutePerPhone { get; init; }

    public int? SignUpsPerMinutePerAddress { get; init; }

    public int? TransfersPerSecondPerMember { get; init; }
}

/// <summary>The settings file of an edge. It names no private key but that of its own certificate, and no database.</summary>
public sealed record EdgeSettingsFile(
    EdgeListenSettings Edge,
    EdgeBalancingSettings Balancing,
    EdgeTokenSettings Tokens,
    RedisConnection Redis,
    EdgeRateLimitSettings RateLimits,
    [property: JsonIgnore] string Address
) : IHostSettings
{
    [JsonIgnore]
    public string HealthUrl => $"http://{Edge.Internal}";
}

/// <summary>The list of API servers that edges read. Written whole or not at all; they look at it each second.</summary>
internal static class ServersFile
{
    private static readonly JsonSerializerOptions s_writing = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Write(DataFolder data, IEnumerable<HostServer> servers) =>
        PrivateFile.Write(
            data.ServersFile,
            JsonSerializer.Serialize(new { servers = servers.Select(server => new { id = server.Name, server.Address }) }, s_writing)
        );
}
