using System.Security.Cryptography;
using System.Text;

namespace QuickPay.Members;

/// <summary>A member's personal data as it is stored: the member's own data key, sealed, and what is encrypted under it.</summary>
public sealed record SealedPerson(byte[] DataKey, byte[] Phone, byte[] Name);

/// <summary>A member's personal data in the clear. It has no text form, so that it cannot slip into a log.</summary>
public sealed class Person(string phone, string name)
{
    /// <summary>E.164.</summary>
    public string Phone { get; } = phone;

    /// <summary>As the member wrote it.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Envelope encryption of personal data: every member has a random data key; it is sealed by the key-encryption key, and seals the
/// fields. AES-256-GCM throughout, bound to the member and the field, so that no stored value can be moved to another row or column.
/// Destroying a member's data key erases the member, also from backups.
/// <code>
///   sealed data key = version(1) key id(4) nonce(12) ciphertext(32) tag(16)
///   sealed field    = version(1)           nonce(12) ciphertext(n)  tag(16)
/// </code>
/// </summary>
public sealed class PersonalDataVault
{
    private const byte Version = 1;
    private const int KeyBytes = 32;
    private const int KeyIdBytes = 4;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MemberBytes = 16;
    private const string DataKeyField = "data-key";
    private const string PhoneField = "phone";
    private const string NameField = "name";

    private readonly byte[] _keyEncryptionKey;
    private readonly byte[] _keyId;

    public PersonalDataVault(PersonalDataKeys keys)
    {
        _keyEncryptionKey = keys.KeyEncryptionKey;
        _keyId = SHA256.HashData([.. "quickpay key id v1"u8, .. _keyEncryptionKey])[..KeyIdBytes];
    }

    /// <summary>Makes the member's data key and seals everything under it.</summary>
    public SealedPerson Seal(Guid member, Person person)
    {
        Span<byte> dataKey = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(dataKey);
        try
        {
            return new SealedPerson(
                Encrypt(_keyEncryptionKey, [Version, .. _keyId], dataKey, member, DataKeyField),
                Encrypt(dataKey, [Version], Encoding.UTF8.GetBytes(person.Phone), member, PhoneField),
                Encrypt(dataKey, [Version], Encoding.UTF8.GetBytes(person.Name), member, NameField)
            );
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>Opens what <see cref="Seal"/> made. Throws <see cref="CryptographicException"/> when anything was changed or moved.</summary>
    public Person Open(Guid member, SealedPerson stored)
    {
        if (!stored.DataKey.AsSpan().StartsWith([Version, .. _keyId]))
        {
            throw new CryptographicException("The data key was sealed by a key-encryption key that is not here.");
        }

        var dataKey = Decrypt(_keyEncryptionKey, 1 + KeyIdBytes, stored.DataKey, member, DataKeyField);
        try
        {
            return new Person(
                Encoding.UTF8.GetString(Decrypt(dataKey, 1, stored.Phone, member, PhoneField)),
                Encoding.UTF8.GetString(Decrypt(dataKey, 1, stored.Name, member, NameField))
            );
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    private static byte[] Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> header, ReadOnlySpan<byte> clear, Guid member, string field)
    {
        var bytes = new byte[header.Length + NonceBytes + clear.Length + TagBytes];
        header.CopyTo(bytes);
        var nonce = bytes.AsSpan(header.Length, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        var ciphertext = bytes.AsSpan(header.Length + NonceBytes, clear.Length);
        aes.Encrypt(nonce, clear, ciphertext, bytes.AsSpan(bytes.Length - TagBytes), BoundTo(header, member, field));
        return bytes;
    }

    private static byte[] Decrypt(ReadOnlySpan<byte> key, int headerBytes, ReadOnlySpan<byte> stored, Guid member, string field)
    {
        if (stored.Length < headerBytes + NonceBytes + TagBytes || stored[0] != Version)
        {
            throw new CryptographicException("Not a sealed value of a known version.");
        }

        var clear = new byte[stored.Length - headerBytes - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(
            stored.Slice(headerBytes, NonceBytes),
            stored.Slice(headerBytes + NonceBytes, clear.Length),
            stored[^TagBytes..],
            clear,
            BoundTo(stored[..headerBytes], member, field)
        );
        return clear;
    }

    private static byte[] BoundTo(ReadOnlySpan<byte> header, Guid member, string field)
    {
        var bound = new byte[header.Length + MemberBytes + field.Length];
        header.CopyTo(bound);
        member.TryWriteBytes(bound.AsSpan(header.Length), bigEndian: true, out _);
        Encoding.ASCII.GetBytes(field, bound.AsSpan(header.Length + MemberBytes));
        return bound;
    }
}
