using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Cli.Local;
using QuickPay.Edge;

namespace QuickPay.IntegrationTests.Edge;

/// <summary>
/// A real edge, in this process, on ports and with a certificate of its own. What stands behind it a test chooses.
/// <code>
/// await using var server = await FakeServer.StartAsync(context => context.Response.WriteAsync("hello"));
/// await using var edge = await EdgeUnderTest.StartAsync([server]);
/// using var member = edge.Client();
/// </code>
/// </summary>
internal sealed class EdgeUnderTest : IAsyncDisposable
{
    private const int StartsMax = 5;
    private readonly DirectoryInfo _folder;
    private readonly WebApplication _app;
    private readonly X509Certificate2 _authority;
    private readonly EdgeTokens _tokens;

    private EdgeUnderTest(
        DirectoryInfo folder,
        WebApplication app,
        X509Certificate2 authority,
        EdgeTokens tokens,
        int https,
        int http,
        int @internal
    )
    {
        (_folder, _app, _authority, _tokens) = (folder, app, authority, tokens);
        Https = new Uri($"https://localhost:{https}");
        Http = new Uri($"http://localhost:{http}");
        Internal = new Uri($"http://127.0.0.1:{@internal}");
    }

    public Uri Https { get; }

    public Uri Http { get; }

    public Uri Internal { get; }

    public IServiceProvider Services => _app.Services;

    public string ServersFile => Path.Combine(_folder.FullName, "servers.json");

    public string CertificateFile => Path.Combine(_folder.FullName, "edge.crt");

    public string CertificateKeyFile => Path.Combine(_folder.FullName, "edge.key");

    /// <param name="servers">The API servers.</param>
    /// <param name="settings">Such as <c>("Balancing:Sticky", "false")</c>.</param>
    [OverloadResolutionPriority(1)]
    public static Task<EdgeUnderTest> StartAsync(
        IEnumerable<FakeServer> servers,
        params IEnumerable<(string Name, string Value)> settings
    ) => StartAsync(servers.Select(server => (server.Id, server.Address)), settings);

    /// <inheritdoc cref="StartAsync(IEnumerable{FakeServer}, IEnumerable{ValueTuple{string, string}})" />
    public static async Task<EdgeUnderTest> StartAsync(
        IEnumerable<(string Id, string Address)> servers,
        params IEnumerable<(string Name, string Value)> settings
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var folder = Directory.CreateTempSubdirectory("quickpay-edge-");
            try
            {
                return await StartInAsync(folder, servers, settings);
            }
            catch (IOException taken) when (taken.InnerException is AddressInUseException && attempt < StartsMax)
            {
                // Between the look for a free port and its use anybody's connection may have taken it.
                folder.Delete(recursive: true);
            }
            catch
            {
                // One that does not start, as some tests want, leaves nothing either.
                folder.Delete(recursive: true);
                throw;
            }
        }
    }

    private static async Task<EdgeUnderTest> StartInAsync(
        DirectoryInfo folder,
        IEnumerable<(string Id, string Address)> servers,
        IEnumerable<(string Name, string Value)> settings
    )
    {
        var certificates = Certificates.LoadOrCreate(Path.Combine(folder.FullName, "tls"), TimeProvider.System);
        string InFolder(string name) => Path.Combine(folder.FullName, name);
        certificates.Issue("edge", InFolder("edge.crt"), InFolder("edge.key"), null);
        WriteServers(InFolder("servers.json"), servers);
        var tokens = new EdgeTokens(folder.FullName);
        var (https, http, @internal) = FreePorts();
        Dictionary<string, string> all = new()
        {
            ["Edge:Https"] = $"127.0.0.1:{https}",
            ["Edge:HttpRedirect"] = $"127.0.0.1:{http}",
            ["Edge:PublicHttpsPort"] = $"{https}",
            // Nothing stands in front of it that would have to notice.
            ["Edge:DrainNoticeMs"] = "0",
            ["Edge:Internal"] = $"127.0.0.1:{@internal}",
            ["Edge:CertificateFile"] = InFolder("edge.crt"),
            ["Edge:CertificateKeyFile"] = InFolder("edge.key"),
            ["Balancing:ServersFile"] = InFolder("servers.json"),
            ["Tokens:Issuer"] = EdgeTokens.Issuer,
            ["Tokens:Audience"] = EdgeTokens.Audience,
            ["Tokens:AlsoBelievedKeyFiles"] = tokens.PublicKeyFile,
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }
        var app = EdgeApp.Create([.. all.Select(setting => $"--{setting.Key}={setting.Value}")]);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        var authority = X509CertificateLoader.LoadCertificateFromFile(certificates.RootCertificateFile);
        return new EdgeUnderTest(folder, app, authority, tokens, https, http, @internal);
    }

    /// <summary>An access token that this edge believes, for the header <c>Authorization: Bearer …</c>.</summary>
    public string TokenOf(Guid member, Guid session) => _tokens.Issue(member, session);

    /// <summary>One that it has believed once: issued an hour ago.</summary>
    public string ExpiredTokenOf(Guid member, Guid session) =>
        _tokens.Issue(member, session, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(-1)));

    /// <summary>Replaces the list of servers; the edge notices within about a second.</summary>
    public void SetServers(params IEnumerable<FakeServer> servers) =>
        WriteServers(ServersFile, servers.Select(server => (server.Id, server.Address)));

    /// <summary>A client that believes only this edge's authority; no cookies, no redirects.</summary>
    /// <param name="from">The loopback address (127.x.y.z) that it comes from.</param>
    public HttpClient Client(IPAddress? from = null, Version? version = null)
    {
        var handler = new SocketsHttpHandler
        {
            // An address may hold 256 connections.
            MaxConnectionsPerServer = 200,
            UseCookies = false,
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = TlsOf("localhost"),
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                if (from is not null)
                {
                    socket.Bind(new IPEndPoint(from, 0));
                }
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler)
        {
            BaseAddress = Https,
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>A TLS connection to write bytes to that no HTTP client would send.</summary>
    /// <param name="from">The loopback address (127.x.y.z) that it comes from.</param>
    public async Task<SslStream> ConnectAsync(
        SslProtocols protocols = SslProtocols.None,
        IPAddress? from = null,
        SslApplicationProtocol? application = null
    )
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(from ?? IPAddress.Loopback, 0));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Https.Port));
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = TlsOf("localhost");
        options.EnabledSslProtocols = protocols;
        options.ApplicationProtocols = application is { } one ? [one] : null;
        await stream.AuthenticateAsClientAsync(options);
        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        // Without grace: what a test has left open would keep a stopping edge for as long as it drains.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void WriteServers(string file, IEnumerable<(string Id, string Address)> servers)
    {
        var list = new { servers = servers.Select(server => new { id = server.Id, address = server.Address }) };
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(list));
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Held at the same time, so that they are three.</summary>
    private static (int, int, int) FreePorts()
    {
        using TcpListener a = new(IPAddress.Loopback, 0),
            b = new(IPAddress.Loopback, 0),
            c = new(IPAddress.Loopback, 0);
        return (PortOf(a), PortOf(b), PortOf(c));

        static int PortOf(TcpListener listener)
        {
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }

    private SslClientAuthenticationOptions TlsOf(string host) =>
        new() { TargetHost = host, CertificateChainPolicy = Certificates.TrustOnly(_authority) };
}
