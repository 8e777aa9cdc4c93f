using System.Net;
using System.Text.Json.Nodes;
using QuickPay.Cli.Local;
using static QuickPay.Cli.Lab.LabReport;

namespace QuickPay.Cli.Lab;

/// <summary>The second tier, seen from the edge.</summary>
internal sealed class ApiTier(LocalStack stack, LabReport report)
{
    private const string Tier = "api";

    /// <summary>{"alg":"ES256"}, {"sub":"somebody"}, and a signature of three zeros.</summary>
    private const string MadeUpToken = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.AAAA";

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await StepAsync(
            $"The edge sees {stack.ApiUrls.Count} healthy API servers",
            async () =>
            {
                var edge = stack.Hosts.First(host => host.Role == "edge");
                var text = await http.GetStringAsync(new Uri($"{edge.HealthUrl}/servers"), cancellationToken);
                var servers = JsonNode.Parse(text)!["servers"]!.AsArray().Select(server => server!).ToList();
                var healthy = servers.Where(server => (string?)server["health"] == "healthy").Select(server => (string)server["address"]!);
                Require(healthy.Order(StringComparer.Ordinal).SequenceEqual(stack.ApiUrls.Order(StringComparer.Ordinal)), text);
                return string.Join("; ", servers.Select(server => $"{server["id"]} {server["address"]} {server["health"]}"));
            }
        );
        await StepAsync(
            "An API server believes the edge nothing: it asks for the token itself",
            async () =>
            {
                List<string> seen = [];
                foreach (var url in stack.ApiUrls)
                {
                    using var plain = new HttpRequestMessage(HttpMethod.Get, $"{url}/v1/accounts");
                    seen.Add($"{url}: {await RefusedAsync(plain, "without a token")}");
                    using var dressed = new HttpRequestMessage(HttpMethod.Get, $"{url}/v1/accounts");
                    // All that the edge says of a request, and a token of the right form that nobody has signed.
                    dressed.Headers.Add("X-Forwarded-For", "127.0.0.1");
                    dressed.Headers.Add("X-Request-Id", "0af7651916cd43dd8448eb211c80319c");
                    dressed.Headers.Add("Authorization", $"Bearer {MadeUpToken}");
                    seen.Add(await RefusedAsync(dressed, "with a made-up one"));
                }
                return string.Join("; ", seen);
            }
        );
        await StepAsync(
            "API servers, and all that operators look at, are reached from this machine alone",
            () =>
            {
                var addresses = stack.Hosts.Where(host => host.Role == "api").Select(host => host.Address);
                var @internal = stack.Hosts.Where(host => host.Role != "api").Select(host => host.HealthUrl);
                return Reach.RequireLoopbackAloneAsync([.. addresses.Concat(@internal).Select(Reach.PortOf)], cancellationToken);
            }
        );

        async Task<string> RefusedAsync(HttpRequestMessage request, string how)
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            Require(answer.StatusCode == HttpStatusCode.Unauthorized, $"{request.RequestUri} answers {(int)answer.StatusCode} {how}");
            return $"{(int)answer.StatusCode} {how}";
        }
    }

    private Task StepAsync(string promise, Func<Task<string>> look) => report.StepAsync(Tier, promise, look);
}
