using QuickPay.Transfers;

namespace QuickPay.Tests.Transfers;

public sealed class TransferStatusTests
{
    [Theory]
    [InlineData(TransferKind.Transfer, null, TransferStatus.Posted)]
    [InlineData(TransferKind.Deposit, null, TransferStatus.Posted)]
    [InlineData(TransferKind.Hold, null, TransferStatus.Pending)]
    [InlineData(TransferKind.Hold, TransferKind.Capture, TransferStatus.Posted)]
    [InlineData(TransferKind.Hold, TransferKind.Cancel, TransferStatus.Cancelled)]
    [InlineData(TransferKind.Hold, TransferKind.Expire, TransferStatus.Expired)]
    [InlineData(TransferKind.Capture, null, TransferStatus.Posted)]
    public void What_members_see_follows_from_the_rows(TransferKind row, TransferKind? closing, TransferStatus status) =>
        Assert.Equal(status, TransferDetails.StatusOf(row, closing));

    [Fact]
    public void Available_is_what_is_not_held() => Assert.Equal(700, new SideAfter(1_000, 300, 1).Available);
}
