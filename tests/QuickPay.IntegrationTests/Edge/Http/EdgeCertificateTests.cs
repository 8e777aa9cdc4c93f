using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Edge;
using QuickPay.Edge.Http;
using QuickPay.IntegrationTests.Support;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>Which pair of files is taken, and what is said about it, on a clock of the test's own.</summary>
public sealed class EdgeCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("quickpay-certificate-").FullName;
    private readonly FakeTimeProvider _time = new(Start);
    private readonly RecordedLog _log = new();

    [Fact]
    public async Task An_expired_certificate_is_not_taken_and_the_old_one_stays()
    {
        Write(Start, Start.AddDays(90));
        using var certificate = await StartAsync();
        var first = certificate.Handshake;

        Write(Start.AddDays(-90), Start.AddSeconds(-1));
        Assert.Equal(4002, (await NextAsync()).Id);
        Assert.Same(first, certificate.Handshake);

        Write(Start, Start.AddDays(180));
        Assert.Equal(4001, (await NextAsync()).Id);
        Assert.NotSame(first, certificate.Handshake);
    }

    [Fact]
    public async Task A_certificate_that_begins_later_is_taken_when_it_does()
    {
        Write(Start, Start.AddDays(90));
        using var certificate = await StartAsync();

        Write(Start.AddMinutes(10), Start.AddDays(90));
        // In small steps: a busy machine looks late.
        Assert.Equal(4002, (await NextAsync(TimeSpan.FromSeconds(1))).Id);
        Assert.Equal(4001, (await NextAsync()).Id);
        Assert.True(_time.GetUtcNow() >= Start.AddMinutes(10));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB", null)]
    [InlineData(null, "")]
    [InlineData(null, "-----BEGIN PRIVATE KEY-----\nMIIB")]
    public async Task Half_a_pair_is_not_taken_and_said_once(string? certificateText, string? keyText)
    {
        Write(Start, Start.AddDays(90));
        using var certificate = await StartAsync();
        var first = certificate.Handshake;

        File.WriteAllText(certificateText is null ? KeyFile : CertificateFile, certificateText ?? keyText);
        var line = await NextAsync();
        Assert.Equal((4002, LogLevel.Warning), (line.Id, line.Level));
        Assert.DoesNotContain("PRIVATE", line.Text);

        for (var i = 0; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Empty(_log.Take());
        Assert.Same(first, certificate.Handshake);
    }

    [Fact]
    public async Task A_link_that_points_elsewhere_is_a_change()
    {
        Write(Start, Start.AddDays(90), "one");
        Write(Start, Start.AddDays(180), "two");
        var link = Path.Combine(_folder, "current");
        Directory.CreateSymbolicLink(link, Path.Combine(_folder, "one"));
        File.CreateSymbolicLink(CertificateFile, Path.Combine(link, "edge.crt"));
        File.CreateSymbolicLink(KeyFile, Path.Combine(link, "edge.key"));
        using var certificate = await StartAsync();

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, Path.Combine(_folder, "two"));

        Assert.Equal(4001, (await NextAsync()).Id);
    }

    [Fact]
    public async Task The_nearing_end_is_an_error_each_day()
    {
        Write(Start, Start.AddDays(16));
        using var certificate = await StartAsync();

        var first = await NextAsync();
        var firstAt = _time.GetUtcNow();
        var second = await NextAsync();

        Assert.Equal((4003, LogLevel.Error), (first.Id, first.Level));
        Assert.InRange(firstAt, Start.AddDays(2), Start.AddDays(2).AddHours(1));
        Assert.Equal(4003, second.Id);
        Assert.InRange(_time.GetUtcNow() - firstAt, TimeSpan.FromDays(1), TimeSpan.FromHours(26));
    }

    [Fact]
    public void The_edge_does_not_start_with_an_expired_certificate()
    {
        Write(Start.AddDays(-90), Start.AddSeconds(-1));

        var refused = Assert.Throws<OptionsValidationException>(New);

        Assert.StartsWith($"Edge:CertificateFile {CertificateFile} cannot be used: it is valid from 2026-04-02 ", refused.Message);
        Assert.Contains("Put a valid one there", refused.Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string CertificateFile => Path.Combine(_folder, "edge.crt");

    private string KeyFile => Path.Combine(_folder, "edge.key");

    private void Write(DateTimeOffset from, DateTimeOffset until, string folder = "")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=edge", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, until);
        Directory.CreateDirectory(Path.Combine(_folder, folder));
        File.WriteAllText(Path.Combine(_folder, folder, "edge.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, folder, "edge.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private EdgeCertificate New() =>
        new(
            Options.Create(new EdgeOptions { CertificateFile = CertificateFile, CertificateKeyFile = KeyFile }),
            _time,
            _log.Of<EdgeCertificate>()
        );

    private async Task<EdgeCertificate> StartAsync()
    {
        var certificate = New();
        await certificate.StartAsync(TestContext.Current.CancellationToken);
        return certificate;
    }

    /// <summary>Lets time pass, in steps of some minutes, until something is logged.</summary>
    private async Task<LogLine> NextAsync(TimeSpan? step = null)
    {
        LogLine? line = null;
        await Eventually.IsTrueAsync(
            () =>
            {
                if ((line = _log.Take().FirstOrDefault()) is null)
                {
                    _time.Advance(step ?? TimeSpan.FromMinutes(5));
                }
                return line is not null;
            },
            "a line in the log"
        );
        return line!;
    }
}
