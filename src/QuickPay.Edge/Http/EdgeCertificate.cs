using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Http;

/// <summary>
/// The certificate that members are shown. Its files are looked at every second, since file notifications miss renames on some
/// file systems; a handshake takes the newest pair that fits together, and connections that stand already are not disturbed.
/// </summary>
public sealed class EdgeCertificate : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly EdgeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<EdgeCertificate> _logger;
    private (DateTime, DateTime) _written;

    public EdgeCertificate(IOptions<EdgeOptions> options, TimeProvider time, ILogger<EdgeCertificate> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        _written = WrittenAt();
        Handshake = Load();
    }

    /// <summary>What the next handshake shows.</summary>
    public SslServerAuthenticationOptions Handshake { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var written = WrittenAt();
            if (written == _written)
            {
                continue;
            }
            try
            {
                Handshake = Load();
                _written = written;
                CertificateLog.Reloaded(_logger, _options.CertificateFile);
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                // The certificate is there and its key not yet, or neither is whole: the old pair stays until both fit.
                CertificateLog.Unreadable(_logger, _options.CertificateFile, e.Message);
            }
        }
    }

    private (DateTime, DateTime) WrittenAt() =>
        (File.GetLastWriteTimeUtc(_options.CertificateFile), File.GetLastWriteTimeUtc(_options.CertificateKeyFile));

    private SslServerAuthenticationOptions Load()
    {
        // Refuses a key that is not the certificate's.
        var certificate = X509Certificate2.CreateFromPemFile(_options.CertificateFile, _options.CertificateKeyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_options.CertificateFile);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            EnabledSslProtocols = _options.AllowTls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
    }
}

/// <summary>Log messages about the certificate.</summary>
internal static partial class CertificateLog
{
    [LoggerMessage(4001, LogLevel.Information, "The certificate {File} was read again")]
    public static partial void Reloaded(ILogger logger, string file);

    [LoggerMessage(4002, LogLevel.Warning, "The certificate {File} changed but cannot be used yet; the old one stays: {Reason}")]
    public static partial void Unreadable(ILogger logger, string file, string reason);
}
