using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace QuickPay.Sessions;

/// <summary>
/// The key that signs access tokens (none on a host that only verifies), the keys that are believed, and their public half as a JWK set
/// (RFC 7517).
/// </summary>
public sealed class SigningKeys : IDisposable
{
    private readonly List<ECDsa> _keys = [];

    public SigningKeys(IOptions<TokenOptions> options)
    {
        var believed = new List<ECDsaSecurityKey>();
        // The library's default keeps signature providers in a cache of the whole process, by the key's name: another instance with
        // the same key would be handed providers that end with this one.
        var providers = new CryptoProviderFactory(new InMemoryCryptoProviderCache());
        var signs = options.Value.SigningKeyFile.Length > 0;
        foreach (var file in signs ? options.Value.AlsoBelieved.Prepend(options.Value.SigningKeyFile) : options.Value.AlsoBelieved)
        {
            var key = Load(file);
            _keys.Add(key);
            believed.Add(new ECDsaSecurityKey(key) { KeyId = Thumbprint(key), CryptoProviderFactory = providers });
        }

        Signing = signs ? new SigningCredentials(believed[0], SecurityAlgorithms.EcdsaSha256) : null;
        Believed = believed;
        JsonWebKeySet = new JsonObject { ["keys"] = new JsonArray([.. _keys.Select(PublicHalf)]) }.ToJsonString();
    }

    /// <summary>What <c>/.well-known/jwks.json</c> answers.</summary>
    public string JsonWebKeySet { get; }

    /// <summary>Null on a host that only verifies.</summary>
    internal SigningCredentials? Signing { get; }

    internal IReadOnlyList<SecurityKey> Believed { get; }

    /// <inheritdoc />
    public void Dispose() => _keys.ForEach(key => key.Dispose());

    /// <summary>Null when the file holds a key that <see cref="Load"/> takes.</summary>
    /// <param name="mustSign">The public half alone will not do.</param>
    internal static string? WhyUnreadable(string file, bool mustSign = false)
    {
        try
        {
            using var key = Load(file);
            return mustSign && !HasPrivateHalf(key) ? "it holds the public half only" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            return e.Message;
        }
    }

    /// <summary>Whether a text is what the file of a key that signs has in it.</summary>
    public static bool IsSigningKey(string text)
    {
        try
        {
            using var key = Parse(text);
            return HasPrivateHalf(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The text of a new key (PKCS#8 PEM).</summary>
    public static string NewSigningKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    internal static ECDsa Load(string file) => Parse(File.ReadAllText(file));

    private static ECDsa Parse(string text)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            return key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                ? key
                : throw new CryptographicException("the curve is not P-256");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static bool HasPrivateHalf(ECDsa key)
    {
        try
        {
            key.ExportParameters(includePrivateParameters: true);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

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
        return Base64UrlEncoder.Encode(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(canonical)));
    }
}
