using QuickPay.Bench.Load;

namespace QuickPay.Tests.Bench;

public class TransferDrawTests
{
    [Fact]
    public void The_same_seed_draws_the_same_transfers()
    {
        var accounts = AccountSet.Create(DateTimeOffset.UnixEpoch.AddYears(50), 1, 1_000, 8);
        var (first, second) = (new TransferDraw(accounts, 1, 42), new TransferDraw(accounts, 1, 42));
        for (ulong i = 0; i < 1_000; i++)
        {
            Assert.Equal(first.Next(i), second.Next(i));
        }
    }

    [Fact]
    public void A_transfer_never_goes_back_to_its_sender()
    {
        var accounts = AccountSet.Create(DateTimeOffset.UnixEpoch.AddYears(50), 1, 2, 1);
        var draw = new TransferDraw(accounts, 2, 42);
        for (ulong i = 0; i < 1_000; i++)
        {
            var transfer = draw.Next(i);
            Assert.NotEqual(transfer.From, transfer.To);
        }
    }
}
