using System.Buffers.Text;
using CsCheck;
using QuickPay.Ledger;

namespace QuickPay.Tests.Ledger;

public sealed class ConsistencyTokenTests
{
    private static readonly Gen<ConsistencyToken> Tokens = Gen.Select(
        Gen.UInt,
        Gen.ULong,
        Gen.Guid,
        Gen.Long[0, long.MaxValue],
        (timeline, lsn, account, version) => new ConsistencyToken(timeline, lsn, account, version)
    );

    [Fact]
    public void A_token_reads_as_it_was_written() =>
        Tokens.Sample(token => ConsistencyToken.TryParse(token.ToString(), out var read) && read == token);

    [Fact]
    public void A_token_fits_into_a_header_and_a_cookie() =>
        Tokens.Sample(token =>
            token.ToString() is { Length: ConsistencyToken.TextMax } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
        );

    [Fact]
    public void Garbage_is_no_token_and_never_a_fault() =>
        Gen.OneOf(
                Gen.String,
                Gen.String[Gen.Char[' ', '~'], ConsistencyToken.TextMax, ConsistencyToken.TextMax],
                Gen.String[Base64UrlText.Letters, ConsistencyToken.TextMax, ConsistencyToken.TextMax]
            )
            .Null()
            .Sample(text => ConsistencyToken.TryParse(text, out var token) || token == default);

    /// <summary>Half of these have a version that no account ever has.</summary>
    [Fact]
    public void Any_bytes_of_the_right_format_and_length_are_the_token_that_they_spell_or_none() =>
        Base64UrlText
            .Of(format: 1, length: 37)
            .Sample(text => ConsistencyToken.TryParse(text, out var token) ? token.ToString() == text : token == default);

    [Fact]
    public void A_damaged_token_is_never_a_fault() =>
        Gen.Select(Tokens, Gen.Int[0, ConsistencyToken.TextMax - 1], Gen.Char)
            .Sample(
                (token, at, letter) =>
                    Assert.Null(
                        Record.Exception(() => ConsistencyToken.TryParse(Base64UrlText.Damage(token.ToString(), at, letter), out _))
                    )
            );

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AQ")]
    [InlineData("AgAAAAEAAAAAAAAAAgGYyKEAAHAAgAAAAAAAAAoAAAAAAAAAAw")] // format 2
    [InlineData("AQAAAAEAAAAAAAAAAgGYyKEAAHAAgAAAAAAAAAr__________w")] // version -1
    public void What_this_service_did_not_write_is_refused(string? text) => Assert.False(ConsistencyToken.TryParse(text, out _));

    [Fact]
    public void The_form_is_what_clients_have_kept() =>
        Assert.Equal(
            "AQAAAAEAAAAAAAAAAgGYyKEAAHAAgAAAAAAAAAoAAAAAAAAAAw",
            new ConsistencyToken(1, 2, new Guid("0198c8a1-0000-7000-8000-00000000000a"), 3).ToString()
        );
}

/// <summary>Texts that are nearly right: what finds a decoder's corners.</summary>
internal static class Base64UrlText
{
    public static readonly Gen<char> Letters = Gen.OneOf(
        Gen.Char['a', 'z'],
        Gen.Char['A', 'Z'],
        Gen.Char['0', '9'],
        Gen.OneOf('-', '_', '=', ' ', '\n', '+', '/')
    );

    /// <summary>The text of any bytes after this first one: what gets past the decoder.</summary>
    public static Gen<string> Of(byte format, int length) =>
        Gen.Byte.Array[length - 1].Select(bytes => Base64Url.EncodeToString([format, .. bytes]));

    public static string Damage(string text, int at, char letter) => text[..at] + letter + text[(at + 1)..];
}
