using System.Text;
using QuickPay.Cli.Drills.History;
using QuickPay.Cli.Drills.Traffic;
using QuickPay.Ledger;

namespace QuickPay.Tests.Drills;

public sealed class AnswersTests
{
    private static readonly Guid Account = Guid.Parse("019a0000-0000-7000-8000-000000000001");

    [Fact]
    public void A_transfer_shows_its_id_and_the_sender_s_balance()
    {
        var (id, seen) = Answers.Transfer(
            Encoding.UTF8.GetBytes(
                """
                {"id":"019a0000-0000-7000-8000-0000000000aa","status":"posted","amount":30,
                 "balanceAfter":{"balance":970,"available":870,"held":100,"version":12}}
                """
            ),
            Account
        );

        Assert.Equal(Guid.Parse("019a0000-0000-7000-8000-0000000000aa"), id);
        Assert.Equal(new SeenBalance(Account, Version: 12, Balance: 970, Held: 100, Available: 870), seen);
    }

    [Fact]
    public void A_balance_is_read_as_it_stands() =>
        Assert.Equal(
            new SeenBalance(Account, Version: 3, Balance: 50, Held: 0, Available: 50),
            Answers.Balance(
                """{"balance":50,"available":50,"held":0,"currency":"KRW","version":3,"asOf":"2026-11-23T00:00:00Z"}"""u8.ToArray(),
                Account
            )
        );

    [Fact]
    public void Of_two_consistency_tokens_the_one_further_on_is_kept()
    {
        var old = Token(timeline: 1, lsn: 900, version: 5);
        var later = Token(timeline: 1, lsn: 901, version: 5);
        var promoted = Token(timeline: 2, lsn: 10, version: 6);

        Assert.Equal(old, Answers.Newer(null, old));
        Assert.Equal((later, later), (Answers.Newer(old, later), Answers.Newer(later, old)));
        Assert.Equal((promoted, promoted), (Answers.Newer(later, promoted), Answers.Newer(promoted, later)));
        Assert.Equal((old, old), (Answers.Newer(old, "nonsense"), Answers.Newer("nonsense", old)));
        Assert.Null(Answers.Newer(null, null));
    }

    [Fact]
    public void Phone_numbers_are_Korean_and_differ()
    {
        var phones = DrillMembers.NewPhones(1_000);

        Assert.Equal(1_000, phones.Distinct().Count());
        Assert.All(
            phones,
            phone =>
            {
                Assert.True(QuickPay.Members.PhoneNumber.TryNormalise(phone, out var normal));
                Assert.Equal(phone, normal);
            }
        );
    }

    private static string Token(uint timeline, ulong lsn, long version) => new ConsistencyToken(timeline, lsn, Account, version).ToString();
}
