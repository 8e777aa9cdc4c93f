using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using QuickPay.Telemetry;

namespace QuickPay.Sessions;

/// <summary>
/// The key that signs access tokens (none on a host that only verifies) and the keys that are believed, as they stand in their files: keys are
/// replaced while hosts run. What cannot be read changes nothing.
/// </summary>
public sealed class SigningKeys
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private readonly TokenOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _looking = new();
    private volatile KeySet _keys;
    private long _lookedAt;

    public SigningKeys(IOptions<TokenOptions> options, TimeProvider time, ILogger<SigningKeys>? logger = null)
    {
        (_options, _time, _logger) = (options.Value, time, logger ?? NullLogger<SigningKeys>.Instance);
        _keys = new KeySet(Signs, Read());
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>What <c>/.well-known/jwks.json</c> answers.</summary>
    public string JsonWebKeySet => Current.JsonWebKeySet;

    /// <summary>Of at most ten seconds ago. Another one only when a key is another one.</summary>
    internal KeySet Current
    {
        get
        {
            // Whoever comes while somebody looks takes those of before.
            if (_time.GetElapsedTime(Interlocked.Read(ref _lookedAt)) >= LookEvery && _looking.TryEnter())
            {
                try
                {
                    Look();
                }
                finally
                {
                    _looking.Exit();
                }
            }
            return _keys;
        }
    }

    private bool Signs => _options.SigningKeyFile.Length > 0;

    private void Look()
    {
        Interlocked.Exchange(ref _lookedAt, _time.GetTimestamp());
        try
        {
            var texts = Read();
            if (!_keys.IsOf(texts))
            {
                var keys = new KeySet(Signs, texts);
                // Tokens are being signed and verified by those of before: these end when nobody has them any more.
                _keys = keys;
                LogMessages.TokenKeysChanged(_logger, string.Join(", ", keys.Believed.Select(key => key.KeyId)));
            }
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            LogMessages.TokenKeysUnreadable(_logger, e);
        }
    }

    private string[] Read() =>
        // Until there is another key, all of them may have the same one.
        [.. (Signs ? _options.AlsoBelieved.Prepend(_options.SigningKeyFile) : _options.AlsoBelieved).Select(File.ReadAllText).Distinct()];

    /// <summary>Null when the file holds a key that <see cref="Load"/> takes.</summary>
    /// <param name="mustSign">The public half alone will not do.</param>
    internal static string? WhyUnreadable(string file, bool mustSign = false)
    {
        try
        {
            using var key = Load(file);
            return mustSign && !HasPrivateHalf(key) ? "it holds the public half only" : null;
        }
        catch (Exception e) when (IsUnreadable(e))
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

    private static bool IsUnreadable(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException;

    private static ECDsa Load(string file) => Parse(File.ReadAllText(file));

    internal static ECDsa Parse(string text)
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

    internal static bool HasPrivateHalf(ECDsa key)
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
}
