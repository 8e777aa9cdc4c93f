using CsCheck;
using QuickPay.Api.Statements;
using QuickPay.Tests.Ledger;

namespace QuickPay.Tests.Statements;

public sealed class HistoryCursorTests
{
    private static readonly Gen<HistoryCursor> Cursors = Gen.Select(
        Gen.Guid,
        Gen.Long[1, long.MaxValue],
        (account, version) => new HistoryCursor(account, version)
    );

    [Fact]
    public void A_cursor_reads_as_it_was_written() =>
        Cursors.Sample(cursor => HistoryCursor.TryParse(cursor.ToString(), out var read) && read == cursor);

    [Fact]
    public void Garbage_is_no_cursor_and_never_a_fault() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char[' ', '~'], 34, 34], Gen.String[Base64UrlText.Letters, 34, 34])
            .Sample(text => HistoryCursor.TryParse(text, out var cursor) || cursor == default);

    /// <summary>Half of these have a version that no row ever has.</summary>
    [Fact]
    public void Any_bytes_of_the_right_format_and_length_are_the_cursor_that_they_spell_or_none() =>
        Base64UrlText
            .Of(format: 1, length: 25)
            .Sample(text =>
                HistoryCursor.TryParse(text, out var cursor) ? cursor.Version > 0 && cursor.ToString() == text : cursor == default
            );

    [Fact]
    public void A_damaged_cursor_is_never_a_fault() =>
        Gen.Select(Cursors, Gen.Int[0, 33], Gen.Char)
            .Sample(
                (cursor, at, letter) =>
                    Assert.Null(Record.Exception(() => HistoryCursor.TryParse(Base64UrlText.Damage(cursor.ToString(), at, letter), out _)))
            );

    [Fact]
    public void A_version_below_one_is_no_place_on_a_page() =>
        Assert.All(
            (long[])[0, -1, long.MinValue],
            version => Assert.False(HistoryCursor.TryParse(new HistoryCursor(Guid.Empty, version).ToString(), out _))
        );
}
