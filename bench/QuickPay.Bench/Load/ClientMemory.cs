using System.Buffers;
using System.Text;
using QuickPay.Ledger;

namespace QuickPay.Bench.Load;

/// <summary>A consistency token as a client keeps it. What is in it is opaque to clients; the generator looks, to check answers.</summary>
internal sealed record SeenToken(byte[] Text, ConsistencyToken Token);

/// <summary>What one client remembers.</summary>
internal sealed class ClientWallet
{
    /// <summary>The newest that its transfers and reads were answered with.</summary>
    public SeenToken? Token { get; set; }

    /// <summary>Where its first page ended.</summary>
    public byte[]? Cursor { get; set; }
}

/// <summary>
/// What real clients keep between two requests, one client an account: the newest consistency token and the cursor after the first page. Two
/// loops may write at once; then one of two answers to the same client counts, as it would in one.
/// </summary>
internal sealed class ClientMemory(AccountSet accounts)
{
    private static readonly SearchValues<byte> Alphabet = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8
    );

    private readonly ClientWallet?[] _wallets = new ClientWallet?[accounts.Count];

    public ClientWallet? Of(long account) => _wallets[account];

    /// <summary>A client that has not seen a first page has no cursor: it asks for the first page.</summary>
    public LoadRequest Possible(in LoadRequest request) =>
        request.Kind == RequestKind.DeeperPage && Of(request.Account)?.Cursor is null
            ? request with
            {
                Kind = RequestKind.FirstPage,
            }
            : request;

    /// <summary>Takes what an answer leaves behind.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="token">The token's text; empty without one.</param>
    /// <param name="response">The whole answer: a page's cursor stands at its end.</param>
    public void Learn(in LoadRequest request, ReadOnlySpan<byte> token, ReadOnlySpan<byte> response)
    {
        var wallet = _wallets[request.Account] ??= new ClientWallet();
        if (
            token.Length > 0
            && ConsistencyToken.TryParse(Encoding.ASCII.GetString(token), out var seen)
            && IsNewer(seen, wallet.Token)
            && seen.Account == accounts.IdOf(request.Account)
        )
        {
            wallet.Token = new SeenToken(token.ToArray(), seen);
        }

        if (request.Kind == RequestKind.FirstPage && Cursor(response) is { Length: > 0 } cursor)
        {
            wallet.Cursor = cursor.ToArray();
        }
    }

    private static bool IsNewer(in ConsistencyToken seen, SeenToken? known) =>
        known?.Token is not { } before
        || seen.Timeline > before.Timeline
        || (seen.Timeline == before.Timeline && (seen.Version, seen.Lsn).CompareTo((before.Version, before.Lsn)) > 0);

    /// <summary>Empty on a last page, and where the border of two chunks cuts it.</summary>
    private static ReadOnlySpan<byte> Cursor(ReadOnlySpan<byte> response)
    {
        var name = "\"nextCursor\":\""u8;
        var at = response.LastIndexOf(name);
        if (at < 0)
        {
            return default;
        }

        var rest = response[(at + name.Length)..];
        var end = rest.IndexOf((byte)'"');
        return end > 0 && !rest[..end].ContainsAnyExcept(Alphabet) ? rest[..end] : default;
    }
}
