using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using QuickPay.Sessions;

namespace QuickPay.IntegrationTests.Edge;

/// <summary>The API's signing key, of which an edge under test gets the public half.</summary>
internal sealed class EdgeTokens
{
    public const string Issuer = "https://quickpay.test";
    public const string Audience = "quickpay";
    private readonly SigningKeys _keys;
    private readonly IOptions<TokenOptions> _options;

    public EdgeTokens(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signing = Path.Combine(folder, "token-signing.pem");
        File.WriteAllText(signing, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(PublicKeyFile = Path.Combine(folder, "token-public.pem"), key.ExportSubjectPublicKeyInfoPem());
        _options = Options.Create(
            new TokenOptions
            {
                SigningKeyFile = signing,
                Issuer = Issuer,
                Audience = Audience,
            }
        );
        _keys = new SigningKeys(_options, TimeProvider.System);
    }

    public string PublicKeyFile { get; }

    /// <param name="clock">What time it is; the machine's clock when there is none.</param>
    public string Issue(Guid member, Guid session, TimeProvider? clock = null) =>
        new AccessTokens(_options, _keys, clock ?? TimeProvider.System).Issue(new Caller(member, session));
}
