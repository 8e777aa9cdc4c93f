using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>Certificates for localhost that an edge's own authority signs, of other kinds and ages than its first one.</summary>
internal static class TestCertificate
{
    private static readonly DateTimeOffset Long = TimeProvider.System.GetUtcNow().AddYears(1);

    /// <summary>Writes a new pair beside the files, then moves it over them, the certificate first.</summary>
    public static X509Certificate2 Replace(EdgeUnderTest edge, bool rsa = false)
    {
        var folder = Path.GetDirectoryName(edge.CertificateFile)!;
        using var root = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "tls", "ca.crt"), Path.Combine(folder, "tls", "ca.key"));
        var (certificate, key) = Issue(root, rsa);
        Move(certificate.ExportCertificatePem(), edge.CertificateFile);
        Move(key, edge.CertificateKeyFile);
        return certificate;
    }

    /// <summary>Writes a pair of another authority, with a certificate between them in the file; returns that authority.</summary>
    public static X509Certificate2 ReplaceByChain(EdgeUnderTest edge)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=another authority", rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var root = request.CreateSelfSigned(Long.AddYears(-2), Long.AddYears(1));
        using var between = Between(root);
        var (certificate, key) = Issue(between, rsa: false);
        Move(certificate.ExportCertificatePem() + "\n" + between.ExportCertificatePem(), edge.CertificateFile);
        Move(key, edge.CertificateKeyFile);
        certificate.Dispose();
        return root;
    }

    public static void Move(string text, string file)
    {
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
    }

    private static (X509Certificate2 Certificate, string Key) Issue(X509Certificate2 issuer, bool rsa)
    {
        using AsymmetricAlgorithm key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = key is RSA one
            ? new CertificateRequest("CN=edge", one, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=edge", (ECDsa)key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var signer = issuer.GetECDsaPrivateKey()!;
        var certificate = request.Create(
            issuer.SubjectName,
            X509SignatureGenerator.CreateForECDsa(signer),
            issuer.NotBefore,
            Long < issuer.NotAfter ? Long : issuer.NotAfter,
            RandomNumberGenerator.GetBytes(8)
        );
        return (certificate, key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Between(X509Certificate2 root)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=between", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var certificate = request.Create(root, root.NotBefore, Long, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
