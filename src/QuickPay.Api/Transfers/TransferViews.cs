using System.Text.Json.Serialization;
using QuickPay.Transfers;

namespace QuickPay.Api.Transfers;

/// <summary>Body of <c>POST /v1/transfers</c>.</summary>
/// <remarks>No text form: it may hold a PIN.</remarks>
public sealed class SendMoneyBody
{
    /// <summary>The caller's own account.</summary>
    public string? FromAccountId { get; init; }
    public RecipientBody? To { get; init; }

    /// <summary>Minor units, 1 or more.</summary>
    public long? Amount { get; init; }

    /// <summary>ISO 4217 letters, such as <c>KRW</c>.</summary>
    public string? Currency { get; init; }

    /// <summary>Up to 200 characters, none of them a control.</summary>
    public string? Memo { get; init; }

    /// <summary>Six digits; needed above the threshold, checked whenever given.</summary>
    public string? Pin { get; init; }

    /// <summary>True sets the money aside instead of sending it.</summary>
    public bool? Hold { get; init; }

    /// <summary>Holds only: when the money returns by itself; RFC 3339.</summary>
    public string? ExpiresAt { get; init; }
}

/// <summary>Exactly one of the three.</summary>
public sealed class RecipientBody
{
    /// <summary>E.164 or Korean national notation.</summary>
    public string? Phone { get; init; }

    /// <summary>12 digits; spaces and hyphens are allowed.</summary>
    public string? AccountNumber { get; init; }
    public string? AccountId { get; init; }
}

/// <summary>Body of <c>POST /v1/accounts/{id}/deposits</c>.</summary>
public sealed record DepositBody(long? Amount, string? Currency);

/// <summary>Body of <c>POST /v1/transfers/{id}/capture</c>; may be left out. Without an amount, all of the hold.</summary>
public sealed record CaptureBody(long? Amount);

/// <summary>Body of <c>POST /v1/transfers/{id}/cancel</c>; may be left out.</summary>
public sealed record CancelBody;

/// <summary>An account after a transfer, in minor units; <c>available = balance − held</c>.</summary>
public sealed record BalanceAfterView(long Balance, long Available, long Held, long Version)
{
    public static BalanceAfterView Of(SideAfter side) => new(side.Balance, side.Available, side.Held, side.Version);
}

/// <summary>A transfer as its sender or recipient sees it.</summary>
/// <param name="Status"><c>posted</c>, <c>pending</c>, <c>cancelled</c> or <c>expired</c>.</param>
/// <param name="Amount">Minor units; of a partly captured hold, what was captured.</param>
/// <param name="BalanceAfter">The caller's own account; absent when this transfer did not touch it.</param>
public sealed record TransferView(
    Guid Id,
    string Status,
    string Kind,
    Guid FromAccountId,
    Guid ToAccountId,
    long Amount,
    string Currency,
    string? Memo,
    DateTime CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTime? ExpiresAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BalanceAfterView? BalanceAfter
);

/// <summary>The words that members see.</summary>
public static class TransferWords
{
    public static string Of(TransferStatus status) =>
        status switch
        {
            TransferStatus.Posted => "posted",
            TransferStatus.Pending => "pending",
            TransferStatus.Cancelled => "cancelled",
            TransferStatus.Expired => "expired",
        };

    /// <summary>Captures, cancels and expiries show as the transfer that they close.</summary>
    public static string Of(TransferKind kind) =>
        kind switch
        {
            TransferKind.Transfer or TransferKind.Hold or TransferKind.Capture or TransferKind.Cancel or TransferKind.Expire => "transfer",
            TransferKind.Deposit => "deposit",
            TransferKind.Withdrawal => "withdrawal",
            TransferKind.Fee => "fee",
        };
}
