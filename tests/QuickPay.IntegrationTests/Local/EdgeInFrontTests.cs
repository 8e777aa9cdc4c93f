using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Local;

/// <summary>The edge as `./quickpay up` starts it: reached as members do, with the certificate that everybody may read.</summary>
public sealed class EdgeInFrontTests(EdgeInFrontTests.Fixture fixture) : IClassFixture<EdgeInFrontTests.Fixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LocalStack Stack => fixture.Stack;

    private DataFolder Data => fixture.Data;

    private StackPorts Listens => fixture.Listens;

    [Fact]
    public async Task Members_reach_the_API_through_each_edge_on_IPv4_and_IPv6()
    {
        Assert.Equal([$"https://localhost:{Listens.Https}", $"https://localhost:{Listens.Https + 1}"], Stack.EdgeUrls);
        IPAddress[] addresses = Ports.HasIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];
        foreach (var address in addresses)
        foreach (var url in Stack.EdgeUrls)
        foreach (var host in (string[])["localhost", "127.0.0.1", "[::1]"])
        {
            using var member = Client(address);
            using var answer = await member.GetAsync(
                new UriBuilder(url) { Host = host, Path = "/.well-known/jwks.json" }.Uri,
                Cancellation
            );
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        using var lost = Client(addresses[^1]);
        using var redirect = await lost.GetAsync(new Uri($"http://localhost:{Listens.Redirect}/docs?x=1"), Cancellation);
        Assert.Equal(HttpStatusCode.PermanentRedirect, redirect.StatusCode);
        Assert.Equal($"https://localhost:{Listens.Https}/docs?x=1", redirect.Headers.Location?.OriginalString);
    }

    /// <summary>As it stands there, pasted into a shell, but for where this stack is.</summary>
    [Fact]
    public async Task The_tour_of_the_README_does_what_it_says()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Programs.RepositoryRoot, "README.md"), Cancellation);
        var tour = readme.Split("```").Single(block => block.StartsWith("sh\napi=", StringComparison.Ordinal))["sh\n".Length..];
        Assert.Contains($"https://localhost:{StackPorts.DefaultHttps}\n", tour, StringComparison.Ordinal);
        var here = tour.Replace($"https://localhost:{StackPorts.DefaultHttps}", Stack.EdgeUrls[0], StringComparison.Ordinal)
            .Replace(".quickpay/ca.crt", Data.RootCertificate, StringComparison.Ordinal);

        // Nobody pastes as fast as this: the worker leads and has looked for rates within a second or two.
        await using var database = NpgsqlDataSource.Create(Stack.Servers.Postgres.Connection(PostgresRoles.Api).ConnectionString);
        await Eventually.IsTrueAsync(
            async () => await database.AskAsync<long>("SELECT count(*) FROM exchange_rates") == 1,
            "the worker has found the sample of rates"
        );
        var (exitCode, output, errors) = await Tool.TryRunAsync("bash", ["-euo", "pipefail", "-c", here], null, null, Cancellation);

        Assert.True(exitCode == 0, errors);
        Assert.DoesNotContain("\"code\":", output, StringComparison.Ordinal);
        Assert.Contains("\"balance\":70000,", output, StringComparison.Ordinal);
        Assert.Contains("\"amount\":2000,", output, StringComparison.Ordinal);
        Assert.Contains("\"source\":\"file\",\"stale\":true,", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_of_the_authority_is_for_all_and_no_secret_is_the_edge_s()
    {
        Assert.Equal(UnixFileMode.OtherRead, File.GetUnixFileMode(Data.RootCertificate) & UnixFileMode.OtherRead);
        var settings = await File.ReadAllTextAsync(Path.Combine(Data.Settings, "edge-1.json"), Cancellation);
        var named = JsonDocument
            .Parse(settings)
            .RootElement.EnumerateObject()
            .SelectMany(section => section.Value.EnumerateObject())
            .Where(setting => setting.Value.ValueKind == JsonValueKind.String)
            .Select(setting => setting.Value.GetString()!)
            .Where(File.Exists)
            .ToList();

        Assert.Contains(Path.Combine(Data.Secrets, "token-verifying.pem"), named);
        var withPrivateKey = named.Where(file => File.ReadAllText(file).Contains("PRIVATE KEY", StringComparison.Ordinal));
        Assert.Equal([Path.Combine(Data.Tls, "edge-1.key")], withPrivateKey);
        Assert.DoesNotContain(Stack.Servers.Postgres.Connection(PostgresRoles.Api).Password, settings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_without_any_API_server_is_not_ready_and_is_again_when_one_is_back()
    {
        var edge = Stack.Hosts.First(host => host.Role == "edge");
        var servers = Stack.Hosts.Where(host => host.Role == "api").ToList();
        await Task.WhenAll(servers.Select(server => server.KillAsync()));
        using var member = Client(IPAddress.Loopback);
        using var answer = await member.GetAsync(new Uri($"{edge.Address}/.well-known/jwks.json"), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);

        await servers[1].StartAsync(Cancellation);
        await Eventually.IsTrueAsync(
            async () => (await member.GetAsync(new Uri($"{edge.Address}/.well-known/jwks.json"), Cancellation)).IsSuccessStatusCode,
            "the edge has found the server that is back"
        );
        await servers[0].StartAsync(Cancellation);
    }

    private HttpClient Client(IPAddress to)
    {
        var root = X509CertificateLoader.LoadCertificateFromFile(Data.RootCertificate);
        return new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustOnly(root) },
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(new IPEndPoint(to, context.DnsEndPoint.Port), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        );
    }

    /// <summary>Two API servers, two edges, no worker.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private LocalStack? _stack;

        public DataFolder Data { get; } = DataFolder.Temporary("edge");

        public StackPorts Listens { get; } = StackPorts.Of(StackPorts.FreeHttps(apiServers: 2));

        public LocalStack Stack => _stack ?? throw new InvalidOperationException("The stack has not started.");

        public async ValueTask InitializeAsync()
        {
            var options = new LocalStackOptions
            {
                Servers = new LocalServersOptions { Data = Data, SharedBuffers = "64MB" },
                Port = Listens.Https,
                ApiServers = 2,
                Edges = 2,
                Supervised = false,
            };
            _stack = await LocalStack.StartAsync(options, Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            if (_stack is not null)
            {
                await _stack.DisposeAsync();
            }
            Data.Delete();
        }
    }
}
