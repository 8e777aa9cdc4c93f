using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using QuickPay.Security;

namespace QuickPay.Cli.Local;

/// <summary>
/// A certificate authority of this copy alone, and the certificates of its servers. Clients trust this authority and nothing else, and
/// verify the name: another program on the port cannot pass for the database.
/// </summary>
internal sealed class Certificates
{
    private static readonly TimeSpan RootLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(397);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);
    private readonly string _folder;
    private readonly TimeProvider _clock;

    private Certificates(string folder, TimeProvider clock) => (_folder, _clock) = (folder, clock);

    public string RootCertificateFile => Path.Combine(_folder, "ca.crt");

    private string RootKeyFile => Path.Combine(_folder, "ca.key");

    public static Certificates LoadOrCreate(string folder, TimeProvider clock)
    {
        PrivateFile.Folder(folder);
        var certificates = new Certificates(folder, clock);
        // A new authority outlives each certificate that it signs.
        if (!File.Exists(certificates.RootKeyFile) || !certificates.IsFresh(certificates.RootCertificateFile, ServerLife + RenewBefore))
            certificates.CreateRoot();
        return certificates;
    }

    /// <summary>
    /// Makes the certificate and key of a server at loopback and these addresses, or leaves them when they are ours, good for more than 30
    /// days and name the same.
    /// </summary>
    /// <param name="addresses">Where it is reached beside loopback.</param>
    public void Issue(string name, string certificateFile, string keyFile, OsUser? reader, params string[] addresses)
    {
        using var root = X509Certificate2.CreateFromPemFile(RootCertificateFile, RootKeyFile);
        IPAddress[] named = [.. addresses.Select(IPAddress.Parse).Union([IPAddress.Loopback, IPAddress.IPv6Loopback])];
        if (
            File.Exists(keyFile)
            && IsFresh(certificateFile, RenewBefore)
            && IsSignedBy(root, certificateFile)
            && AddressesOf(certificateFile).SetEquals(named)
        )
            return;

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var address in named)
            names.AddIpAddress(address);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(
            // A server among equals (etcd) is their client too.
            new X509EnhancedKeyUsageExtension(
                [new Oid("1.3.6.1.5.5.7.3.1", "serverAuth"), new Oid("1.3.6.1.5.5.7.3.2", "clientAuth")],
                false
            )
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        var now = _clock.GetUtcNow();
        // An hour back, for clocks that are not quite together.
        using var certificate = request.Create(root, now.AddHours(-1), now + ServerLife, SerialNumber());
        PrivateFile.Write(keyFile, key.ExportPkcs8PrivateKeyPem(), reader);
        PrivateFile.Write(certificateFile, certificate.ExportCertificatePem(), reader);
    }

    private void CreateRoot()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=QuickPay local authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = _clock.GetUtcNow();
        using var root = request.CreateSelfSigned(now.AddHours(-2), now + RootLife);
        PrivateFile.Write(RootKeyFile, key.ExportPkcs8PrivateKeyPem());
        PrivateFile.Write(RootCertificateFile, root.ExportCertificatePem());
    }

    private bool IsFresh(string certificateFile, TimeSpan atLeast)
    {
        if (!File.Exists(certificateFile))
            return false;
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(certificateFile);
        return certificate.NotAfter.ToUniversalTime() - _clock.GetUtcNow().UtcDateTime > atLeast;
    }

    private bool IsSignedBy(X509Certificate2 root, string certificateFile)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(certificateFile);
        using var chain = new X509Chain { ChainPolicy = TrustOnly(root) };
        chain.ChainPolicy.VerificationTime = _clock.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }

    private static HashSet<IPAddress> AddressesOf(string certificateFile)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(certificateFile);
        return [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateIPAddresses())];
    }

    /// <inheritdoc cref="PrivateAuthority" />
    public static X509ChainPolicy TrustOnly(X509Certificate2 root) => PrivateAuthority.Only([root]);

    private static byte[] SerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40); // positive and of full length, as RFC 5280 4.1.2.2 asks
        return serial;
    }
}
