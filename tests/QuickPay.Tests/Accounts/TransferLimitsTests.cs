using System.ComponentModel.DataAnnotations;
using QuickPay.Accounts;

namespace QuickPay.Tests.Accounts;

public sealed class TransferLimitsTests
{
    [Fact]
    public void The_caps_are_those_of_the_law()
    {
        var limits = new TransferLimits();

        Assert.Equal(500_000, limits.For(Tier.Unverified).WalletCap);
        Assert.Equal(2_000_000, limits.For(Tier.Verified).WalletCap);
        Assert.Equal(TierLimits.None, limits.For(Tier.House));
        Assert.Equal(TierLimits.None, limits.For(Tier.Load));
        Assert.Empty(Errors(limits));
    }

    [Theory]
    [InlineData(0, 10, 10)]
    [InlineData(-1, 10, 10)]
    [InlineData(11, 10, 10)]
    [InlineData(10, 10, 0)]
    public void Limits_that_contradict_each_other_do_not_start(long perTransfer, long perDay, long walletCap)
    {
        var wrong = new TierLimits(perTransfer, perDay, walletCap);

        Assert.Single(Errors(new TransferLimits { Unverified = wrong }));
        Assert.Equal(2, Errors(new TransferLimits { Unverified = wrong, Verified = wrong }).Count);
    }

    private static List<ValidationResult> Errors(TransferLimits limits)
    {
        var errors = new List<ValidationResult>();
        Validator.TryValidateObject(limits, new ValidationContext(limits), errors, validateAllProperties: true);
        return errors;
    }
}
