using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using QuickPay.Cli.Local;
using static QuickPay.Cli.Lab.LabReport;

namespace QuickPay.Cli.Lab;

/// <summary>The first tier, seen by a stranger: what it shows and what it does not.</summary>
internal sealed class EdgeTier(LocalStack stack, LabReport report)
{
    private const string Tier = "edge";

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var outside = new OutsideClient(stack);
        await StepAsync(
            "HTTPS answers by TLS 1.3 with a certificate of our authority; TLS 1.2 is refused",
            async () =>
            {
                await using var tls = await ConnectAsync(SslProtocols.None, cancellationToken);
                Require(tls.SslProtocol == SslProtocols.Tls13, $"{tls.SslProtocol}");
                using var answer = await outside.GetAsync("/.well-known/jwks.json", cancellationToken);
                Require(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}");
                Require(!await TakesTls12Async(cancellationToken), "TLS 1.2 was accepted");
                return $"{stack.EdgeUrls[0]}: {tls.SslProtocol}, {tls.RemoteCertificate?.Subject}";
            }
        );
        await StepAsync(
            "Plain HTTP is told to use HTTPS, and nothing else",
            async () =>
            {
                using var answer = await outside.GetAsync($"http://localhost:{stack.Listens.Redirect}/docs", cancellationToken);
                var location = answer.Headers.Location?.OriginalString;
                Require(answer.StatusCode == HttpStatusCode.PermanentRedirect, $"{(int)answer.StatusCode}");
                Require(location == $"{stack.EdgeUrls[0]}/docs", $"Location: {location}");
                return $"308 to {location}";
            }
        );
        await StepAsync(
            "A host name that is not ours and a call that is not declared are refused",
            async () =>
            {
                List<string> seen = [];
                seen.Add(await RefusesHostAsync("bank.example", cancellationToken));
                using var unknown = new HttpRequestMessage(HttpMethod.Get, "/admin");
                seen.Add(await outside.RefusedAsync(unknown, 404, "not_found", cancellationToken));
                using var method = new HttpRequestMessage(HttpMethod.Delete, "/v1/transfers");
                seen.Add(await outside.RefusedAsync(method, 405, "method_not_allowed", cancellationToken));
                return string.Join("; ", seen);
            }
        );
        await StepAsync(
            "An SQL injection is refused by the firewall; the same call without one reaches the API",
            async () =>
            {
                const string Attack = "1' UNION SELECT password FROM members--";
                using var attack = new HttpRequestMessage(
                    HttpMethod.Get,
                    $"/v1/accounts/{Guid.Empty}/transactions?cursor={Uri.EscapeDataString(Attack)}"
                );
                var seen = await outside.RefusedAsync(attack, 403, "request_blocked", cancellationToken);
                using var honest = new HttpRequestMessage(HttpMethod.Get, $"/v1/accounts/{Guid.Empty}/transactions?limit=5");
                return $"{seen}; {await outside.RefusedAsync(honest, 401, "unauthenticated", cancellationToken)}";
            }
        );
        await StepAsync(
            "What is for operators is not there for members: the list of servers, the counters",
            async () =>
            {
                var inside = stack.Hosts.First(host => host.Role == "edge").HealthUrl;
                List<string> seen = [];
                foreach (var path in (string[])["/servers", "/counters"])
                {
                    using var there = await outside.GetAsync($"{inside}{path}", cancellationToken);
                    Require(there.StatusCode == HttpStatusCode.OK, $"{inside}{path}: {(int)there.StatusCode}");
                    seen.Add($"{inside}{path}: {(int)there.StatusCode}");
                    using var request = new HttpRequestMessage(HttpMethod.Get, path);
                    seen.Add(await outside.RefusedAsync(request, 404, "not_found", cancellationToken));
                }
                return string.Join("; ", seen);
            }
        );
        await StepAsync(
            "It is reached at its own addresses alone",
            () => Reach.RequireLoopbackAloneAsync([stack.Listens.Https, stack.Listens.Redirect], cancellationToken)
        );
    }

    private Task StepAsync(string promise, Func<Task<string>> look) => report.StepAsync(Tier, promise, look);

    private async Task<bool> TakesTls12Async(CancellationToken cancellationToken)
    {
        try
        {
            await using var tls = await ConnectAsync(SslProtocols.Tls12, cancellationToken);
            return true;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return false;
        }
    }

    /// <summary>By hand: an HTTP client would ask the certificate for that name too, and come no further.</summary>
    private async Task<string> RefusesHostAsync(string host, CancellationToken cancellationToken)
    {
        await using var tls = await ConnectAsync(SslProtocols.None, cancellationToken);
        await tls.WriteAsync(
            Encoding.ASCII.GetBytes($"GET /docs HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
            cancellationToken
        );
        using var reader = new StreamReader(tls, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(cancellationToken);
        var refused =
            answer.StartsWith("HTTP/1.1 421 ", StringComparison.Ordinal) && answer.Contains("unknown_host", StringComparison.Ordinal);
        Require(refused, $"{host}: {answer.Split('\r')[0]}");
        return $"Host {host}: 421 unknown_host";
    }

    private async Task<SslStream> ConnectAsync(SslProtocols protocols, CancellationToken cancellationToken)
    {
        using var root = X509CertificateLoader.LoadCertificateFromFile(stack.Servers.Data.RootCertificate);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, stack.Listens.Https), cancellationToken);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = protocols,
                CertificateChainPolicy = Certificates.TrustOnly(root),
            };
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
