using System.Security.Cryptography.X509Certificates;

namespace QuickPay.Security;

/// <summary>How our own authority is believed, and no other.</summary>
public static class PrivateAuthority
{
    /// <summary>Certificates from the authority in this PEM file alone; the machine's own trust store is not asked.</summary>
    public static X509ChainPolicy Only(string pemFile)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(pemFile);
        return Only(authorities);
    }

    /// <summary>Certificates from these authorities alone.</summary>
    public static X509ChainPolicy Only(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // It publishes no revocation list; its certificates are short-lived instead.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
