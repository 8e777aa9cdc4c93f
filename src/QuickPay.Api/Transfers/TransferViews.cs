using System.Text.Json.Serialization;
using QuickPay.Transfers;

namespace QuickPay.Api.Transfers;

/// <summary>Body of <c>POST /v1/transfers</c>.</summary>
public sealed record SendMoneyBody(
    string? FromAccountId,
    RecipientBody? To,
    long? Amount,
    string? Currency,
    string? Memo,
    string? Pin,
    bool? Hold,
    string? ExpiresAt
);

/// <summary>Exactly one of the three.</summary>
public sealed record RecipientBody(string? Phone, string? AccountNumber, string? AccountId);

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
