using System.Text.Json;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// Passwords, PINs and refresh tokens are never shown to the engine: they are hashed or compared, never stored as text, put into SQL or
/// shown on a page, so nothing in them can attack anything, and what the engine has not seen it cannot write down.
/// </summary>
internal static class SecretFields
{
    private static readonly string[] Names = ["password", "pin", "refreshToken"];
    private static readonly int LongestName = Names.Max(name => name.Length);

    /// <summary>
    /// The body with each secret replaced by as many <c>x</c> (text) or <c>1</c> (numbers); the same body when it has none. In any
    /// case of the name, although the API knows one only: what a member meant as a password is one.
    /// </summary>
    /// <exception cref="JsonException">The body is not JSON, or a name in it is no text.</exception>
    public static ReadOnlyMemory<byte> Blank(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return body;
        }
        byte[]? blanked = null;
        var json = new Utf8JsonReader(body.Span);
        var isSecret = false;
        while (json.Read())
        {
            if (isSecret && json.TokenType is (JsonTokenType.String or JsonTokenType.Number))
            {
                blanked ??= body.ToArray();
                var isText = json.TokenType == JsonTokenType.String;
                // A string's token starts at its quotation mark.
                var start = (int)json.TokenStartIndex + (isText ? 1 : 0);
                blanked.AsSpan(start, json.ValueSpan.Length).Fill(isText ? (byte)'x' : (byte)'1');
            }
            isSecret = json.TokenType == JsonTokenType.PropertyName && json.CurrentDepth == 1 && IsSecret(ref json);
        }
        return blanked ?? body;
    }

    private static bool IsSecret(ref Utf8JsonReader json)
    {
        // A letter may be written as six: \u and its number.
        if (json.ValueSpan.Length > LongestName * 6)
        {
            return false;
        }
        Span<char> name = stackalloc char[json.ValueSpan.Length];
        try
        {
            name = name[..json.CopyString(name)];
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A name has half of a surrogate pair.", e);
        }
        foreach (var secret in Names)
        {
            if (name.Equals(secret, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }
}
