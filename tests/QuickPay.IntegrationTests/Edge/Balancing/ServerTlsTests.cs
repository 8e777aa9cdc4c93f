using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>Servers with an <c>https</c> address: only one that shows a certificate of the named authority, for its own address, gets anything.</summary>
public sealed class ServerTlsTests(TestServers servers) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quickpay-server-tls-");
    private readonly List<X509Certificate2> _certificates = [];

    public void Dispose()
    {
        _certificates.ForEach(certificate => certificate.Dispose());
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_server_with_a_certificate_of_the_named_authority_serves()
    {
        var certificate = IssuedBy("ours");
        await using var server = await FakeServer.StartAsync(tls: () => certificate);
        await using var edge = await EdgeUnderTest.StartAsync([server], OnlyOurs());
        using var member = new BalancedClient(edge);

        Assert.StartsWith("https://", server.Address, StringComparison.Ordinal);
        Assert.Equal("healthy", await HealthTests.HealthOfAsync(edge, "api-1"));
        Assert.Equal((200, "api-1"), await AnsweredAsync(member));
    }

    [Theory]
    [InlineData("another authority", "127.0.0.1")]
    [InlineData("ours", "127.0.0.2")]
    [InlineData(null, "127.0.0.1")]
    public async Task A_stranger_is_never_healthy_and_nothing_is_sent_to_it(string? authority, string address)
    {
        _ = IssuedBy("ours");
        var certificate = authority is null ? null : IssuedBy(authority);
        await using var server = await FakeServer.StartAsync(tls: certificate is null ? null : () => certificate, host: address);
        // One without TLS stands where the edge was told to expect it.
        var told = server.Address.Replace("http://", "https://", StringComparison.Ordinal);
        await using var edge = await EdgeUnderTest.StartAsync([(server.Id, told)], OnlyOurs());
        using var member = new BalancedClient(edge);

        Assert.Equal("unhealthy", await HealthTests.HealthOfAsync(edge, "api-1"));
        var answer = await member.PostAsync(key: "key-1");
        Assert.Equal((503, "unavailable_retry"), (answer.Status, answer.Code));
        Assert.Equal((0, 0), (server.Requests, server.Probes));
    }

    /// <summary>The probe was answered by ours; then a stranger has its address. Members' requests are not for it either.</summary>
    [Fact]
    public async Task A_stranger_that_takes_a_healthy_server_s_place_gets_no_request()
    {
        var certificate = IssuedBy("ours");
        await using var server = await FakeServer.StartAsync(tls: () => certificate);
        await using var edge = await EdgeUnderTest.StartAsync([server], [OnlyOurs(), ("Balancing:ProbeEveryMs", "60000")]);
        using var member = new BalancedClient(edge);
        Assert.Equal("healthy", await HealthTests.HealthOfAsync(edge, "api-1"));

        certificate = IssuedBy("another authority");
        var answer = await member.PostAsync(key: "key-1");

        Assert.Equal((503, "unavailable_retry"), (answer.Status, answer.Code));
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task An_authority_that_is_not_there_is_told_at_the_start()
    {
        await using var server = await FakeServer.StartAsync();
        var missing = Path.Combine(_folder.FullName, "missing.crt");

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            EdgeUnderTest.StartAsync([server], ("Balancing:RootCertificate", missing))
        );

        Assert.Contains($"Balancing:RootCertificate: no file at {missing}.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_API_server_serves_in_TLS()
    {
        var data = servers.Shared.Data;
        var (certificate, key) = (Path.Combine(_folder.FullName, "api.crt"), Path.Combine(_folder.FullName, "api.key"));
        Certificates.LoadOrCreate(data.Tls, TimeProvider.System).Issue("api", certificate, key, reader: null);
        await using var database = await servers.CreateDatabaseAsync();
        var settings = database.ApiSettings($"https://127.0.0.1:{Ports.FreeFrom(null)}", "") with
        {
            Kestrel = KestrelSettings.With(certificate, key),
        };
        var api = new HostServer($"api-of-{database.Name}", "api", "QuickPay.Api", settings, data, TimeProvider.System);
        try
        {
            await api.StartAsync(TestContext.Current.CancellationToken);
            await using var edge = await EdgeUnderTest.StartAsync(
                [(api.Name, api.Address)],
                ("Balancing:RootCertificate", data.RootCertificate)
            );
            using var member = new BalancedClient(edge);

            Assert.Equal("healthy", await HealthTests.HealthOfAsync(edge, api.Name));
            Assert.Equal(200, (await member.GetAsync("/.well-known/jwks.json")).Status);
        }
        finally
        {
            await api.StopAsync();
        }
    }

    private (string Name, string Value) OnlyOurs() => ("Balancing:RootCertificate", FileOf("ours", "ca.crt"));

    private string FileOf(string authority, string name) => Path.Combine(_folder.FullName, authority, name);

    /// <summary>Names loopback (127.0.0.1, ::1, localhost) and nothing else.</summary>
    private X509Certificate2 IssuedBy(string authority)
    {
        var (certificateFile, keyFile) = (FileOf(authority, "server.crt"), FileOf(authority, "server.key"));
        Certificates
            .LoadOrCreate(Path.Combine(_folder.FullName, authority), TimeProvider.System)
            .Issue("server", certificateFile, keyFile, reader: null);
        var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        _certificates.Add(certificate);
        return certificate;
    }

    private static async Task<(int Status, string Text)> AnsweredAsync(BalancedClient member)
    {
        var answer = await member.GetAsync();
        return (answer.Status, answer.Text);
    }
}
