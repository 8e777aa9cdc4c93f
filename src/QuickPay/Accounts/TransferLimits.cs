using System.ComponentModel.DataAnnotations;

namespace QuickPay.Accounts;

/// <summary>What one tier may do, in minor units of the account's currency.</summary>
/// <param name="PerTransfer">The most in one transfer.</param>
/// <param name="PerDay">The most sent on one Asia/Seoul day.</param>
/// <param name="WalletCap">The most that the wallet may contain.</param>
public sealed record TierLimits(long PerTransfer, long PerDay, long WalletCap)
{
    /// <summary>No limits.</summary>
    public static readonly TierLimits None = new(long.MaxValue, long.MaxValue, long.MaxValue);
}

/// <summary>
/// Limits by tier. The caps of 500,000 and 2,000,000 won are those of prepaid means of payment without and with
/// real-name verification (Electronic Financial Transactions Act). All are above 0, and no <c>PerDay</c> is below its <c>PerTransfer</c>.
/// </summary>
public sealed class TransferLimits : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Limits";

    /// <summary>Won; who is known by a phone number only.</summary>
    public TierLimits Unverified { get; init; } = new(500_000, 1_000_000, 500_000);

    /// <summary>Won; whose real name was verified.</summary>
    public TierLimits Verified { get; init; } = new(2_000_000, 5_000_000, 2_000_000);

    /// <summary>House and load accounts have no limits.</summary>
    public TierLimits For(Tier tier) =>
        tier switch
        {
            Tier.Unverified => Unverified,
            Tier.Verified => Verified,
            Tier.House => TierLimits.None,
            Tier.Load => TierLimits.None,
        };

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, limits) in new[] { (nameof(Unverified), Unverified), (nameof(Verified), Verified) })
        {
            if (limits.PerTransfer <= 0 || limits.PerDay < limits.PerTransfer || limits.WalletCap <= 0)
            {
                yield return new ValidationResult($"{Section}:{name}: needs 0 < PerTransfer <= PerDay and a WalletCap above 0.", [name]);
            }
        }
    }
}
