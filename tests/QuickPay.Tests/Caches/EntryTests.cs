using QuickPay.Accounts;
using QuickPay.Caches;
using QuickPay.Money;

namespace QuickPay.Tests.Caches;

/// <summary>Entries as they stand in Redis, which servers of different versions read.</summary>
public sealed class EntryTests
{
    private static readonly Guid Account = Guid.Parse("01a208d2-3035-7ac2-8dca-d1754cd38f5e");
    private static readonly Guid Owner = Guid.Parse("01a208d2-67bc-7075-b3ca-08c899d05a5f");
    private static readonly AccountBalance Balance = new(
        Account,
        1_234_567_890_123,
        5,
        77,
        Currency.USD,
        new DateTime(2026, 11, 23, 1, 2, 3, DateTimeKind.Utc).AddTicks(4),
        3,
        0xFFFF_0000_1111
    );

    [Fact]
    public void A_balance_comes_back_as_it_was() =>
        Assert.Equal(Balance, BalanceEntry.Read(BalanceEntry.Write(Balance, Owner), Account, Owner, timeline: 3));

    [Fact]
    public void Another_owner_another_format_and_another_length_are_nothing()
    {
        var entry = BalanceEntry.Write(Balance, Owner);
        Assert.Null(BalanceEntry.Read(entry, Account, Account, 3));
        Assert.Null(BalanceEntry.Read(entry.AsSpan(1), Account, Owner, 3));
        Assert.Null(BalanceEntry.Read([], Account, Owner, 3));
        entry[CacheScripts.HeadSize] = 2;
        Assert.Null(BalanceEntry.Read(entry, Account, Owner, 3));
    }

    [Fact]
    public void A_page_comes_back_as_it_was_and_another_format_is_nothing()
    {
        var entry = PageEntry.Write(new FirstPage(3, 5, 9, "{}"u8.ToArray()));
        var page = PageEntry.Read(entry, 3);
        Assert.Equal((3u, 5UL, 9), (page!.Timeline, page.Lsn, page.Version));
        Assert.Equal("{}"u8.ToArray(), page.Body.ToArray());
        entry[CacheScripts.HeadSize] = 2;
        Assert.Null(PageEntry.Read(entry, 3));
        Assert.Null(PageEntry.Read(entry.AsMemory(0, CacheScripts.HeadSize + 1), 3));
    }

    /// <summary>The scripts compare them, and rely on where they stand.</summary>
    [Fact]
    public void An_entry_begins_with_its_version_and_its_place_in_the_log()
    {
        var entry = BalanceEntry.Write(Balance, Owner);
        Assert.Equal("000000000000004D0000FFFF00001111", Convert.ToHexString(entry.AsSpan(0, CacheScripts.HeadSize)));
        Assert.Equal((77, 0xFFFF_0000_1111UL), CacheScripts.ReadHead(entry));
    }
}
