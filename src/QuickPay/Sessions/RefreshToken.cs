using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace QuickPay.Sessions;

/// <summary>
/// A refresh token: member id, session id, 16 bytes that all tokens of the session share (its family), 32 bytes of its own; base64url.
/// Redis keeps only SHA-256 digests of the family and of the whole newest token. A token of the right family that is not the newest
/// one was genuine once: it is a replay, and the family dies. One without the family secret is a guess and harms nobody.
/// </summary>
internal readonly struct RefreshToken
{
    public const int TextLength = 107;
    private const int SessionAt = 16;
    private const int FamilyAt = 32;
    private const int SecretAt = 48;
    private const int Bytes = 80;

    private readonly byte[] _bytes;

    private RefreshToken(byte[] bytes) => _bytes = bytes;

    public Guid MemberId => new(_bytes.AsSpan(0, SessionAt), bigEndian: true);

    public Guid SessionId => new(_bytes.AsSpan(SessionAt, FamilyAt - SessionAt), bigEndian: true);

    public byte[] FamilyDigest => SHA256.HashData(_bytes.AsSpan(FamilyAt, SecretAt - FamilyAt));

    public byte[] Digest => SHA256.HashData(_bytes);

    public static RefreshToken Begin(Guid member, Guid session)
    {
        var bytes = new byte[Bytes];
        member.TryWriteBytes(bytes.AsSpan(0), bigEndian: true, out _);
        session.TryWriteBytes(bytes.AsSpan(SessionAt), bigEndian: true, out _);
        RandomNumberGenerator.Fill(bytes.AsSpan(FamilyAt));
        return new RefreshToken(bytes);
    }

    /// <summary>The family's next token.</summary>
    public RefreshToken Next()
    {
        var bytes = _bytes.ToArray();
        RandomNumberGenerator.Fill(bytes.AsSpan(SecretAt));
        return new RefreshToken(bytes);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out RefreshToken token)
    {
        token = default;
        var bytes = new byte[Bytes];
        if (
            text is not { Length: TextLength }
            || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done
            || written != Bytes
        )
        {
            return false;
        }

        token = new RefreshToken(bytes);
        return true;
    }

    /// <summary>The text the member's device keeps. Deliberately not ToString: it must not reach a log by accident.</summary>
    public string Reveal() => Base64Url.EncodeToString(_bytes);

    public override string ToString() => nameof(RefreshToken);
}
