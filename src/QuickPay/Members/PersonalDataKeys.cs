using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace QuickPay.Members;

/// <summary>
/// The two secrets behind personal data. One seals members' data keys. From the other come, each for its one purpose (HKDF): the
/// blind index of phone numbers, the digest by which a session remembers a PIN, and the pepper without which a stolen database says
/// nothing about six-digit PINs.
/// </summary>
public sealed class PersonalDataKeys
{
    private const int KeyBytes = 32;

    private readonly byte[] _phoneIndex;
    private readonly byte[] _pinMemory;
    private readonly byte[] _pepper;

    public PersonalDataKeys(IOptions<PersonalDataOptions> options)
        : this(Load(options.Value.KeyFile)) { }

    internal PersonalDataKeys(ReadOnlySpan<byte> bytes)
    {
        KeyEncryptionKey = bytes[..KeyBytes].ToArray();
        var root = bytes[KeyBytes..].ToArray();
        _phoneIndex = Derive(root, "quickpay phone index v1");
        _pinMemory = Derive(root, "quickpay pin memory v1");
        _pepper = Derive(root, "quickpay credential pepper v1");
    }

    internal byte[] KeyEncryptionKey { get; }

    /// <summary>Finds a phone number without storing it: HMAC-SHA256 over its E.164 form.</summary>
    public byte[] PhoneIndex(string e164) => HMACSHA256.HashData(_phoneIndex, Encoding.ASCII.GetBytes(e164));

    /// <summary>What a session remembers of a PIN; bound to that session. 32 bytes.</summary>
    internal void PinDigest(Guid session, ReadOnlySpan<char> pin, Span<byte> digest) => Keyed(_pinMemory, session, 0, pin, digest);

    /// <summary>What the slow hash is run over; bound to the member and the kind of secret. 32 bytes.</summary>
    internal void Pepper(Guid member, CredentialKind kind, ReadOnlySpan<char> secret, Span<byte> peppered) =>
        Keyed(_pepper, member, (byte)kind, secret, peppered);

    /// <summary>Null when the file is what <see cref="Load"/> takes.</summary>
    internal static string? WhyUnreadable(string file)
    {
        try
        {
            Load(file);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return e.Message;
        }
    }

    /// <summary>Whether a text is what a key file has in it.</summary>
    public static bool IsKey(string text)
    {
        try
        {
            Parse(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The text of a new key.</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(2 * KeyBytes));

    internal static byte[] Load(string file) => Parse(File.ReadAllText(file));

    private static byte[] Parse(string text)
    {
        var bytes = Convert.FromBase64String(text.Trim());
        return bytes.Length == 2 * KeyBytes ? bytes : throw new FormatException($"it holds {bytes.Length} bytes");
    }

    private static byte[] Derive(byte[] root, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, root, KeyBytes, info: Encoding.ASCII.GetBytes(purpose));

    private static void Keyed(byte[] key, Guid subject, byte kind, ReadOnlySpan<char> secret, Span<byte> result)
    {
        const int Prefix = 17;
        Span<byte> message = stackalloc byte[Prefix + Encoding.UTF8.GetMaxByteCount(Credentials.SecretLengthMax)];
        subject.TryWriteBytes(message, bigEndian: true, out _);
        message[Prefix - 1] = kind;
        var length = Prefix + Encoding.UTF8.GetBytes(secret, message[Prefix..]);
        HMACSHA256.HashData(key, message[..length], result);
        CryptographicOperations.ZeroMemory(message);
    }
}
