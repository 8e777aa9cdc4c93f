using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Http;

/// <summary>
/// The certificate that members are shown. Its files are read every second and compared: they are small, and what counts is whether the
/// two fit together. A handshake takes the newest pair that fits together and is valid now; connections that stand, and handshakes
/// under way, keep theirs, and the collector takes it when the last one has ended.
/// </summary>
public sealed class EdgeCertificate : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarnEvery = TimeSpan.FromDays(1);
    private static readonly TimeSpan NearEnd = TimeSpan.FromDays(14);

    // Of TLS 1.2 only what has forward secrecy and authenticated encryption; 1.3 has nothing else.
    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    private readonly EdgeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<EdgeCertificate> _logger;
    private volatile SslServerAuthenticationOptions _handshake;
    private Pem _inUse;
    private Pem? _refused;
    private DateTimeOffset _end;
    private DateTimeOffset _warned = DateTimeOffset.MinValue;

    /// <exception cref="OptionsValidationException">There is no certificate to start with, or it is not valid now.</exception>
    public EdgeCertificate(IOptions<EdgeOptions> options, TimeProvider time, ILogger<EdgeCertificate> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        try
        {
            _inUse = Read();
            (_handshake, _end) = Load(_inUse);
        }
        catch (Exception e) when (IsWrongFile(e))
        {
            throw new OptionsValidationException(
                EdgeOptions.Section,
                typeof(EdgeOptions),
                [
                    $"{EdgeOptions.Section}:{nameof(EdgeOptions.CertificateFile)} {_options.CertificateFile} cannot be used: {e.Message.TrimEnd('.')}. Put a valid one there and its key at {_options.CertificateKeyFile}, then start again."
                        + " Members cannot be served without.",
                ]
            );
        }
        WarnNearItsEnd();
    }

    /// <summary>What the next handshake shows.</summary>
    public SslServerAuthenticationOptions Handshake => _handshake;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
            WarnNearItsEnd();
        }
    }

    private void Look()
    {
        Pem? found = null;
        try
        {
            found = Read();
            // What was refused as not yet valid may have become so; all else stays refused until the files change, and is said once.
            if (found == _inUse)
            {
                _refused = null;
                return;
            }
            (_handshake, _end) = Load(found);
            (_inUse, _refused) = (found, null);
            CertificateLog.Reloaded(_logger, _options.CertificateFile, _end);
        }
        catch (Exception e)
        {
            // The certificate is there and its key not yet, or neither is whole: the old pair stays until both fit. Nothing that is wrong with
            // files may end the process.
            var known = found ?? Pem.Unreadable;
            if (known != _refused)
            {
                _refused = known;
                CertificateLog.Unusable(_logger, _options.CertificateFile, e.Message);
            }
        }
    }

    private void WarnNearItsEnd()
    {
        var now = _time.GetUtcNow();
        EdgeTelemetry.CertificateSecondsLeft.Record((long)(_end - now).TotalSeconds);
        if (_end - now < NearEnd && now - _warned >= WarnEvery)
        {
            _warned = now;
            CertificateLog.NearItsEnd(_logger, _options.CertificateFile, _end);
        }
    }

    private static bool IsWrongFile(Exception e) =>
        e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or CryptographicException;

    private Pem Read() => new(File.ReadAllText(_options.CertificateFile), File.ReadAllText(_options.CertificateKeyFile));

    private (SslServerAuthenticationOptions Handshake, DateTimeOffset End) Load(Pem pem)
    {
        // Refuses a key that is not the certificate's.
        var certificate = X509Certificate2.CreateFromPem(pem.Certificate, pem.Key);
        var (start, end) = (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
        if (_time.GetUtcNow() is var now && (now < start || now >= end))
        {
            throw new InvalidDataException($"it is valid from {start.UtcDateTime:u} to {end.UtcDateTime:u} only");
        }
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem.Certificate);
        var handshake = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            EnabledSslProtocols = _options.AllowTls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            // TLS 1.2 would let a client ask for one handshake after the other.
            AllowRenegotiation = false,
        };
        if (OperatingSystem.IsLinux())
        {
            handshake.CipherSuitesPolicy = new CipherSuitesPolicy(Suites);
        }
        return (handshake, end);
    }

    /// <summary>What the two files say.</summary>
    private sealed record Pem(string Certificate, string Key)
    {
        public static readonly Pem Unreadable = new("", "");

        // A record writes all its parts into a log line; not the key.
        public override string ToString() => nameof(Pem);
    }
}
