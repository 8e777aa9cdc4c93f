using System.Text.Json;
using QuickPay.Cli.Drills.History;
using QuickPay.Ledger;

namespace QuickPay.Cli.Drills.Traffic;

/// <summary>Reads what members are answered.</summary>
internal static class Answers
{
    /// <summary>A transfer's id and the sender's balance after it.</summary>
    public static (Guid Id, SeenBalance Seen) Transfer(ReadOnlyMemory<byte> body, Guid account)
    {
        using var json = JsonDocument.Parse(body);
        var transfer = json.RootElement;
        return (transfer.GetProperty("id").GetGuid(), SeenOf(transfer.GetProperty("balanceAfter"), account));
    }

    public static SeenBalance Balance(ReadOnlyMemory<byte> body, Guid account)
    {
        using var json = JsonDocument.Parse(body);
        return SeenOf(json.RootElement, account);
    }

    public static Tokens Tokens(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        var tokens = json.RootElement;
        return new Tokens(
            tokens.GetProperty("sessionId").GetGuid(),
            tokens.GetProperty("accessToken").GetString()!,
            tokens.GetProperty("refreshToken").GetString()!,
            TimeSpan.FromSeconds(tokens.GetProperty("expiresIn").GetInt32())
        );
    }

    /// <summary>The account that a sign-up opened.</summary>
    public static Guid Wallet(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("items")[0].GetProperty("id").GetGuid();
    }

    /// <summary>A member's sessions, and which of them asks.</summary>
    public static IReadOnlyList<(Guid Id, bool IsCurrent)> Sessions(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        return
        [
            .. json
                .RootElement.GetProperty("items")
                .EnumerateArray()
                .Select(session => (session.GetProperty("id").GetGuid(), session.GetProperty("current").GetBoolean())),
        ];
    }

    /// <summary>Of two consistency tokens the one that shows more; one that cannot be read shows nothing.</summary>
    public static string? Newer(string? known, string? received)
    {
        if (!ConsistencyToken.TryParse(received, out var incoming))
            return known;
        if (!ConsistencyToken.TryParse(known, out var old))
            return received;
        return (incoming.Timeline, incoming.Lsn, incoming.Version).CompareTo((old.Timeline, old.Lsn, old.Version)) >= 0 ? received : known;
    }

    private static SeenBalance SeenOf(JsonElement balance, Guid account) =>
        new(
            account,
            balance.GetProperty("version").GetInt64(),
            balance.GetProperty("balance").GetInt64(),
            balance.GetProperty("held").GetInt64(),
            balance.GetProperty("available").GetInt64()
        );
}

/// <summary>What a log-in or a refresh gives. No text form: it holds secrets.</summary>
internal sealed class Tokens(Guid session, string access, string refresh, TimeSpan lifetime)
{
    public Guid Session { get; } = session;

    public string Access { get; } = access;

    public string Refresh { get; } = refresh;

    public TimeSpan Lifetime { get; } = lifetime;
}
