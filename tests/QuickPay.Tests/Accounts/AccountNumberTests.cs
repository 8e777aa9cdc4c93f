using CsCheck;
using QuickPay.Accounts;

namespace QuickPay.Tests.Accounts;

/// <summary>Luhn (ISO/IEC 7812-1 Annex B): finds every single wrong digit and every neighbours' swap but 09 and 90.</summary>
public sealed class AccountNumberTests
{
    private static readonly Gen<string> Numbers = Gen.Long[0, 99_999_999_999].Select(AccountNumber.FromSequence);

    [Theory]
    [InlineData(7_992_739_871, "079927398713")] // the example that everybody checks Luhn with
    [InlineData(0, "000000000000")]
    [InlineData(1_000_000_000, "010000000009")]
    public void The_check_digit_is_Luhns(long sequence, string number) => Assert.Equal(number, AccountNumber.FromSequence(sequence));

    [Fact]
    public void Every_number_is_taken_as_it_was_given() => Numbers.Sample(number => AccountNumber.Normalise(number) == number);

    [Fact]
    public void Different_accounts_have_different_numbers() =>
        Gen.Select(Gen.Long[0, 99_999_999_999], Gen.Long[0, 99_999_999_999])
            .Sample((one, other) => (one == other) == (AccountNumber.FromSequence(one) == AccountNumber.FromSequence(other)));

    [Fact]
    public void A_wrong_digit_is_found() =>
        Gen.Select(Numbers, Gen.Int[0, 11], Gen.Int[1, 9])
            .Sample((number, at, by) => AccountNumber.Normalise(Put(number, at, (char)('0' + (number[at] - '0' + by) % 10))) is null);

    [Fact]
    public void Two_neighbours_in_the_wrong_order_are_found() =>
        Gen.Select(Numbers, Gen.Int[0, 10])
            .Sample(
                (number, at) =>
                {
                    var (one, other) = (number[at], number[at + 1]);
                    var swapped = Put(Put(number, at, other), at + 1, one);
                    var luhnIsBlind = one == other || (one, other) is ('0', '9') or ('9', '0');
                    Assert.Equal(luhnIsBlind ? swapped : null, AccountNumber.Normalise(swapped));
                }
            );

    [Theory]
    [InlineData("0799-2739-8713")]
    [InlineData("0799 2739 8713")]
    [InlineData(" 079927398713 ")]
    public void Spaces_and_hyphens_are_a_matter_of_taste(string typed) => Assert.Equal("079927398713", AccountNumber.Normalise(typed));

    [Theory]
    [InlineData("")]
    [InlineData("07992739871")]
    [InlineData("0799273987130")]
    [InlineData("07992739871a")]
    [InlineData("٠٧٩٩٢٧٣٩٨٧١٣")]
    [InlineData("079927398713\n")]
    [InlineData("0-7-9-9-2-7-3-9-8-7-1-3                  ")]
    public void What_cannot_be_a_number_is_refused(string typed) => Assert.Null(AccountNumber.Normalise(typed));

    [Fact]
    public void Any_text_is_taken_or_refused_and_never_a_fault() =>
        Gen.String.Sample(text => AccountNumber.Normalise(text) is null or { Length: 12 });

    [Theory]
    [InlineData(100_000_000_000)]
    [InlineData(-1)]
    public void Numbers_that_are_used_up_are_a_fault(long sequence) =>
        Assert.Throws<InvalidOperationException>(() => AccountNumber.FromSequence(sequence));

    private static string Put(string text, int at, char letter) => text[..at] + letter + text[(at + 1)..];
}
