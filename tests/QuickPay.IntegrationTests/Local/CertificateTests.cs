using System.Security.Cryptography.X509Certificates;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Local;

public sealed class CertificateTests : IDisposable
{
    private readonly DataFolder _data = DataFolder.Temporary("certificates");
    private readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private string CertificateFile => Path.Combine(_data.Root, "server.crt");

    private string KeyFile => Path.Combine(_data.Root, "server.key");

    public void Dispose() => _data.Delete();

    [Fact]
    public void A_certificate_names_loopback_and_is_renewed_when_30_days_are_left()
    {
        var first = IssueOn(day: 0);
        Assert.Contains("127.0.0.1", Names(first));
        Assert.Contains("localhost", Names(first));
        Assert.Equal(first.SerialNumber, IssueOn(day: 300).SerialNumber);

        var renewed = IssueOn(day: 368);
        Assert.NotEqual(first.SerialNumber, renewed.SerialNumber);
        Assert.Equal(first.Issuer, renewed.Issuer);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
    }

    [Fact]
    public void A_new_authority_signs_anew_so_that_old_certificates_never_outlive_it()
    {
        IssueOn(day: 0);
        var root = File.ReadAllText(Authority(day: 0).RootCertificateFile);
        var late = IssueOn(day: 3400);
        Assert.NotEqual(root, File.ReadAllText(Authority(day: 3400).RootCertificateFile));
        using var authority = X509CertificateLoader.LoadCertificateFromFile(Authority(day: 3400).RootCertificateFile);
        Assert.True(late.NotAfter < authority.NotAfter);
    }

    [Fact]
    public void A_server_at_another_address_gets_another_certificate()
    {
        var first = IssueOn(day: 0, "10.77.1.2");
        Assert.Contains("10.77.1.2", Names(first));
        Assert.Contains("127.0.0.1", Names(first));
        Assert.Equal(first.SerialNumber, IssueOn(day: 0, "10.77.1.2").SerialNumber);

        var moved = IssueOn(day: 0, "10.77.1.3");
        Assert.Contains("10.77.1.3", Names(moved));
        Assert.DoesNotContain("10.77.1.2", Names(moved));
    }

    private Certificates Authority(int day) => Certificates.LoadOrCreate(_data.Tls, new StandingClock(_start.AddDays(day)));

    private X509Certificate2 IssueOn(int day, params string[] addresses)
    {
        Authority(day).Issue("trial", CertificateFile, KeyFile, reader: null, addresses);
        return X509CertificateLoader.LoadCertificateFromFile(CertificateFile);
    }

    private static string[] Names(X509Certificate2 certificate) =>
        [
            .. certificate
                .Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => $"{address}"))),
        ];

    private sealed class StandingClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
