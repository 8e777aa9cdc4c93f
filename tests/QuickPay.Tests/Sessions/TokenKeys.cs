using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using QuickPay.Sessions;

namespace QuickPay.Tests.Sessions;

/// <summary>Signing keys in files of their own, gone with the test.</summary>
internal sealed class TokenKeys : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("quickpay-tokens").FullName;
    private int _made;

    public string Make(ECCurve? curve = null)
    {
        using var key = ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);
        return Write(key.ExportPkcs8PrivateKeyPem());
    }

    public string Write(string pem)
    {
        var file = Path.Combine(_folder, $"{++_made}.pem");
        File.WriteAllText(file, pem);
        return file;
    }

    public static IOptions<TokenOptions> Options(string signingKey, string alsoBelieved = "", string audience = "quickpay") =>
        Microsoft.Extensions.Options.Options.Create(
            new TokenOptions
            {
                SigningKeyFile = signingKey,
                AlsoBelievedKeyFiles = alsoBelieved,
                Issuer = "https://quickpay.test",
                Audience = audience,
            }
        );

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
