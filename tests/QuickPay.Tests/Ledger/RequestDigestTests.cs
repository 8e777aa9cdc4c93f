using CsCheck;
using QuickPay.Ledger;

namespace QuickPay.Tests.Ledger;

/// <summary>Digests are stored for months: what they are over may never change by accident, and no two requests may share one.</summary>
public sealed class RequestDigestTests
{
    private static readonly Guid Member = new("0198c8a1-5b1e-7c3a-9d43-2f6f0a2b9e11");

    [Fact]
    public void The_form_is_what_stored_keys_were_made_with()
    {
        Assert.Equal(
            new Guid("d72ec112-6f0e-4d8c-565a-b546bd1d7b93"),
            new RequestDigest("key").Add(Member).Add("send").Add("7f3c-once").Finish()
        );
        Assert.Equal(
            new Guid("b9b46b9f-e5af-1a8e-e9a5-aeebb814ac45"),
            new RequestDigest("mixed").Add(Member).Add(-2).Add((string?)null).Add("").Add("송금 🎉").Finish()
        );
        Assert.Equal(new Guid("df3f6198-04a9-2fdb-4057-192dc43dd748"), new RequestDigest("").Finish());
    }

    [Fact]
    public void Where_one_text_ends_and_the_next_begins_counts()
    {
        Assert.NotEqual(Of("a", "bc"), Of("ab", "c"));
        Assert.NotEqual(Of("abc"), Of("abc", ""));
        Assert.NotEqual(Of("", "abc"), Of("abc", ""));
        Assert.NotEqual(Of("a"), new RequestDigest("a").Finish());
    }

    [Fact]
    public void Nothing_and_an_empty_text_are_different() => Assert.NotEqual(Of((string?)null), Of(""));

    [Fact]
    public void Different_texts_have_different_digests_and_the_same_ones_the_same() =>
        Gen.Select(Gen.String.AlphaNumeric.Null().Array[0, 4], Gen.String.AlphaNumeric.Null().Array[0, 4])
            .Sample((one, other) => Of(one) == Of([.. one]) && Of(one) == Of(other) == one.SequenceEqual(other));

    [Fact]
    public void The_same_letters_cut_in_another_place_have_another_digest() =>
        Gen.Select(Gen.String[Gen.Char['a', 'b'], 1, 8], Gen.Int[0, 8], Gen.Int[0, 8])
            .Where((text, one, other) => one != other && one <= text.Length && other <= text.Length)
            .Sample((text, one, other) => Of(text[..one], text[one..]) != Of(text[..other], text[other..]));

    [Fact]
    public void A_digest_may_be_made_while_another_is_under_way()
    {
        var inner = new RequestDigest("inner").Add(1).Finish();

        var nested = new RequestDigest("outer").Add(new RequestDigest("inner").Add(1).Finish()).Add("end").Finish();

        Assert.Equal(new RequestDigest("outer").Add(inner).Add("end").Finish(), nested);
    }

    private static Guid Of(params string?[] texts)
    {
        var digest = new RequestDigest("test");
        foreach (var text in texts)
        {
            digest.Add(text);
        }
        return digest.Finish();
    }
}
