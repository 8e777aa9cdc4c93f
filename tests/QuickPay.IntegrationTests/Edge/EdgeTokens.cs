using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using QuickPay.Sessions;

namespace QuickPay.IntegrationTests.Edge;

/// <summary>The API's signing key, of which an edge under test gets the public half.</summary>
internal sealed class EdgeTokens : IDisposable
{
    public const string Issuer = "https://quickpay.test";
    public const string Audience = "quickpay";
    private readonly SigningKeys _keys;
    private readonly AccessTokens _tokens;

    public EdgeTokens(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signing = Path.Combine(folder, "token-signing.pem");
        File.WriteAllText(signing, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(PublicKeyFile = Path.Combine(folder, "token-public.pem"), key.ExportSubjectPublicKeyInfoPem());
        var options = Options.Create(
            new TokenOptions
            {
                SigningKeyFile = signing,
                Issuer = Issuer,
                Audience = Audience,
            }
        );
        _keys = new SigningKeys(options);
        _tokens = new AccessTokens(options, _keys, TimeProvider.System);
    }

    public string PublicKeyFile { get; }

    public string Issue(Guid member, Guid session) => _tokens.Issue(new Caller(member, session));

    public void Dispose() => _keys.Dispose();
}
