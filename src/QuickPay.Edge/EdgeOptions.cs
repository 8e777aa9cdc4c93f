using System.ComponentModel.DataAnnotations;
using System.Net;

namespace QuickPay.Edge;

/// <summary>Where the edge listens, and whom it believes.</summary>
public sealed class EdgeOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Edge";

    /// <summary>Where members come in: <c>address:port</c>, several separated by commas; IPv6 in brackets.</summary>
    [Required]
    public string Https { get; init; } = "127.0.0.1:8443,[::1]:8443";

    /// <summary>Where plain HTTP is told to use HTTPS instead, written like <c>Https</c>. Empty: nowhere.</summary>
    public string HttpRedirect { get; init; } = "127.0.0.1:8080,[::1]:8080";

    /// <summary>The port that members see, for redirects.</summary>
    [Range(1, 65535)]
    public int PublicHttpsPort { get; init; } = 8443;

    /// <summary>Where the edge is looked after from: its servers and counters, which members never reach, and its health.</summary>
    [Required]
    public string Internal { get; init; } = "127.0.0.1:9190";

    /// <summary>PEM file of the certificate, with those between it and the root after it. Read again when it changes.</summary>
    [Required]
    public string CertificateFile { get; init; } = "";

    /// <summary>PEM file of the certificate's private key.</summary>
    [Required]
    public string CertificateKeyFile { get; init; } = "";

    /// <summary>Whether TLS 1.2 is allowed beside 1.3.</summary>
    public bool AllowTls12 { get; init; }

    /// <summary>Host names that are served, separated by commas, in ASCII (<c>xn--</c>).</summary>
    [Required]
    public string HostNames { get; init; } = "localhost,127.0.0.1,[::1]";

    /// <summary>Networks (CIDR, separated by commas) whose <c>X-Forwarded-For</c> is believed: load balancers in front of the edge.</summary>
    public string TrustedProxies { get; init; } = "";

    /// <summary>How long an edge that was told to stop still serves while it says that it is not ready, until those in front have noticed.</summary>
    [Range(0, 20_000)]
    public int DrainNoticeMs { get; init; } = 2_000;

    /// <summary>Web origins such as <c>https://pay.example</c>, separated by commas, whose pages may call the API from a browser.</summary>
    public string CorsOrigins { get; init; } = "";

    /// <summary>How many days browsers keep to HTTPS once they have seen it (HSTS); 0: they are not told. Not sent for localhost and bare addresses.</summary>
    [Range(0, 3_650)]
    public int HstsDays { get; init; } = 730;

    /// <summary>Whether HSTS binds the subdomains of the host names too.</summary>
    public bool HstsSubDomains { get; init; }

    internal IReadOnlyList<IPEndPoint> HttpsEndpoints => ParseEndpoints(Https);

    internal IReadOnlyList<IPEndPoint> HttpRedirectEndpoints => ParseEndpoints(HttpRedirect);

    internal IPEndPoint InternalEndpoint => IPEndPoint.Parse(Internal);

    internal IReadOnlyList<IPNetwork> TrustedNetworks => [.. Split(TrustedProxies).Select(text => IPNetwork.Parse(text))];

    /// <summary>The parts of a comma-separated setting.</summary>
    internal static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Split(Https).Length == 0)
        {
            yield return new ValidationResult($"{Section}:Https names no address: members could not come in.");
        }
        foreach (var text in Split(Https).Concat(Split(HttpRedirect)).Append(Internal))
        {
            if (!IPEndPoint.TryParse(text, out var endpoint) || endpoint.Port == 0)
            {
                yield return new ValidationResult(
                    $"{Section}: {text} is not an address with a port, such as 127.0.0.1:8443 or [::1]:8443."
                );
            }
        }
        // A request is told by the port that it came in at: no two kinds of listeners may share one, on whatever addresses.
        if (
            PortsOf(Internal).Intersect(PortsOf(Https).Concat(PortsOf(HttpRedirect))).Any()
            || PortsOf(Https).Intersect(PortsOf(HttpRedirect)).Any()
        )
        {
            yield return new ValidationResult($"{Section}: Https, HttpRedirect and Internal must have ports of their own.");
        }
        foreach (var text in Split(HostNames))
        {
            if (Uri.CheckHostName(text) == UriHostNameType.Unknown || !System.Text.Ascii.IsValid(text) || text.EndsWith('.'))
            {
                yield return new ValidationResult($"{Section}:HostNames: {text} is not a host name in ASCII, without port and final dot.");
            }
        }
        foreach (var text in Split(CorsOrigins))
        {
            if (
                !Uri.TryCreate(text, UriKind.Absolute, out var origin)
                || origin.GetLeftPart(UriPartial.Authority) != text
                || !IsWeb(origin)
            )
            {
                yield return new ValidationResult(
                    $"{Section}:CorsOrigins: {text} is not an origin such as https://pay.example; http only of localhost, and never *."
                );
            }
        }
        foreach (var text in Split(TrustedProxies))
        {
            if (!IPNetwork.TryParse(text, out _))
            {
                yield return new ValidationResult($"{Section}:TrustedProxies: {text} is not a network such as 10.0.0.0/16.");
            }
        }
        foreach (var file in new[] { CertificateFile, CertificateKeyFile })
        {
            if (!File.Exists(file))
            {
                yield return new ValidationResult($"{Section}: no certificate or key at {file}.");
            }
        }
    }

    private static bool IsWeb(Uri origin) =>
        origin.Scheme == Uri.UriSchemeHttps || (origin.Scheme == Uri.UriSchemeHttp && origin.IsLoopback);

    private static IEnumerable<int> PortsOf(string list) =>
        from text in Split(list)
        where IPEndPoint.TryParse(text, out _)
        select IPEndPoint.Parse(text).Port;

    private static IPEndPoint[] ParseEndpoints(string list) => [.. Split(list).Select(IPEndPoint.Parse)];
}
