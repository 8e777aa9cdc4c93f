using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace QuickPay.Sessions;

/// <summary>The keys of one moment: which one signs, which ones are believed, and their public halves as a JWK set (RFC 7517).</summary>
internal sealed class KeySet
{
    private readonly IReadOnlyList<string> _texts;

    /// <param name="signs">Whether the first one signs.</param>
    /// <param name="texts">Each key as PEM.</param>
    /// <exception cref="CryptographicException">One is none, or of another curve.</exception>
    /// <exception cref="ArgumentException">One is no PEM.</exception>
    public KeySet(bool signs, IReadOnlyList<string> texts)
    {
        // The library's default keeps signature providers in a cache of the whole process, by the key's name: another instance with
        // the same key would be handed providers that end with this one.
        var providers = new CryptoProviderFactory(new InMemoryCryptoProviderCache());
        var keys = texts.Select(SigningKeys.Parse).ToList();
        if (signs && !SigningKeys.HasPrivateHalf(keys[0]))
        {
            throw new CryptographicException("The key that is to sign has its public half only.");
        }
        _texts = texts;
        Believed = [.. keys.Select(key => new ECDsaSecurityKey(key) { KeyId = Thumbprint(key), CryptoProviderFactory = providers })];
        Signing = signs ? new SigningCredentials(Believed[0], SecurityAlgorithms.EcdsaSha256) : null;
        JsonWebKeySet = new JsonObject { ["keys"] = new JsonArray([.. keys.Select(PublicHalf)]) }.ToJsonString();
    }

    /// <summary>Null on a host that only verifies.</summary>
    public SigningCredentials? Signing { get; }

    public IReadOnlyList<SecurityKey> Believed { get; }

    public string JsonWebKeySet { get; }

    public bool IsOf(IEnumerable<string> texts) => _texts.SequenceEqual(texts);

    private static JsonObject PublicHalf(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["use"] = "sig",
            ["alg"] = SecurityAlgorithms.EcdsaSha256,
            ["kid"] = Thumbprint(key),
            ["x"] = Base64UrlEncoder.Encode(point.X),
            ["y"] = Base64UrlEncoder.Encode(point.Y),
        };
    }

    /// <summary>RFC 7638: every server that holds the key gives it the same name.</summary>
    private static string Thumbprint(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var canonical =
            $$"""{"crv":"P-256","kty":"EC","x":"{{Base64UrlEncoder.Encode(point.X)}}","y":"{{Base64UrlEncoder.Encode(point.Y)}}"}""";
        return Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
    }
}
