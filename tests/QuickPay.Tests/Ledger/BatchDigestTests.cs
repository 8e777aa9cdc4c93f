using CsCheck;
using QuickPay.Ledger;
using QuickPay.Money;
using QuickPay.Transfers;

namespace QuickPay.Tests.Ledger;

/// <summary>
/// Seals stand on these digests for years. The vectors were made from the description of the form, not by this code: a red test here
/// means that the form changed, and that takes a new version byte.
/// </summary>
public sealed class BatchDigestTests
{
    private static readonly Guid Kim = new("0198c8a1-0000-7000-8000-00000000000a");
    private static readonly Guid Lee = new("0198c8a1-0000-7000-8000-00000000000b");
    private static readonly Guid HoldId = new("0198c8a1-5b1e-7001-8000-000000000002");
    private static readonly DateTime Now = new DateTime(2026, 11, 22, 3, 0, 0, DateTimeKind.Utc).AddMicroseconds(123_456);

    private static readonly Transfer[] Rows =
    [
        Row("0198c8a1-5b1e-7000-8000-000000000001", TransferKind.Transfer, 30_000, new(70_000, 0, 2), new(30_000, 0, 1)) with
        {
            Memo = "점심 🍜",
        },
        Row("0198c8a1-5b1e-7001-8000-000000000002", TransferKind.Hold, 5_000, new(70_000, 5_000, 3), default) with
        {
            ExpiresAt = new DateTime(2026, 11, 29, 3, 0, 0, DateTimeKind.Utc),
        },
        Row("0198c8a1-5b1e-7002-8000-000000000003", TransferKind.Capture, 4_000, new(66_000, 0, 4), new(34_000, 0, 2)) with
        {
            Link = HoldId,
            Memo = "",
        },
    ];

    [Fact]
    public void The_form_is_what_it_was()
    {
        using var digest = new BatchDigest();

        Assert.Equal("4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a", Hex(digest.Compute([])));
        Assert.Equal("b4f42db47a8dfb5e17b46d98d8a26020ace5bfe8f5bcf80bfdfb318ce66b7e7a", Hex(digest.Compute(Rows)));
        Assert.Equal("b4f42db47a8dfb5e17b46d98d8a26020ace5bfe8f5bcf80bfdfb318ce66b7e7a", Hex(digest.Compute(Rows)));
    }

    public static TheoryData<string, Func<Transfer, Transfer>> Changes =>
        new()
        {
            { "id", row => row with { Id = Kim } },
            { "debit account", row => row with { DebitAccount = HoldId } },
            { "credit account", row => row with { CreditAccount = HoldId } },
            { "sides swapped", row => row with { DebitAccount = Lee, CreditAccount = Kim } },
            { "link", row => row with { Link = Kim } },
            { "amount", row => row with { Amount = row.Amount + 1 } },
            { "debit balance", row => row with { Debit = row.Debit with { Balance = 1 } } },
            { "debit held", row => row with { Debit = row.Debit with { Held = 1 } } },
            { "debit version", row => row with { Debit = row.Debit with { Version = 1 } } },
            { "credit balance", row => row with { Credit = row.Credit with { Balance = 1 } } },
            { "credit held", row => row with { Credit = row.Credit with { Held = 1 } } },
            { "credit version", row => row with { Credit = row.Credit with { Version = 7 } } },
            { "a microsecond", row => row with { CreatedAt = row.CreatedAt.AddMicroseconds(1) } },
            { "expiry", row => row with { ExpiresAt = Now } },
            { "kind", row => row with { Kind = TransferKind.Fee } },
            { "currency", row => row with { Currency = Currency.USD } },
            { "memo", row => row with { Memo = "점심 🍚" } },
            { "no memo", row => row with { Memo = null } },
            { "an empty memo", row => row with { Memo = "" } },
        };

    [Theory]
    [MemberData(nameof(Changes), DisableDiscoveryEnumeration = true)]
    public void Every_field_counts(string field, Func<Transfer, Transfer> change)
    {
        using var digest = new BatchDigest();
        var intact = Hex(digest.Compute(Rows));

        var changed = Hex(digest.Compute([change(Rows[0]), Rows[1], Rows[2]]));

        Assert.True(intact != changed, field);
    }

    [Fact]
    public void A_row_that_is_missing_or_moved_counts()
    {
        using var digest = new BatchDigest();
        string[] digests =
        [
            .. new Transfer[][] { Rows, Rows[..2], Rows[1..], [Rows[1], Rows[0], Rows[2]], [.. Rows, Rows[2]] }.Select(rows =>
                Hex(digest.Compute(rows))
            ),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    /// <summary>The buffer is used again and grows for long memos: what an earlier row left in it must not count.</summary>
    [Fact]
    public void What_was_digested_before_does_not_count() =>
        Gen.String[0, 2_000]
            .Null()
            .Array[1, 6]
            .Sample(
                memos =>
                {
                    using var used = new BatchDigest();
                    foreach (var memo in memos)
                    {
                        using var fresh = new BatchDigest();
                        Transfer[] rows = [Rows[0] with { Memo = memo }];
                        Assert.Equal(fresh.Compute(rows), used.Compute(rows));
                    }
                },
                iter: 50
            );

    private static Transfer Row(string id, TransferKind kind, long amount, SideAfter debit, SideAfter credit) =>
        new()
        {
            Id = new Guid(id),
            Kind = kind,
            DebitAccount = Kim,
            CreditAccount = Lee,
            Amount = amount,
            Currency = Currency.KRW,
            Debit = debit,
            Credit = credit,
            CreatedAt = Now,
        };

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
