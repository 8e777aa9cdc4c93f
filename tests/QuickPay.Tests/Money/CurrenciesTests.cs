using CsCheck;
using QuickPay.Money;

namespace QuickPay.Tests.Money;

public sealed class CurrenciesTests
{
    [Fact]
    public void Every_currency_has_a_code_that_names_it() =>
        Assert.All(
            Enum.GetValues<Currency>(),
            currency =>
            {
                Assert.Equal(currency.ToString(), currency.Code());
                Assert.True(Currencies.TryParse(currency.Code(), out var parsed));
                Assert.Equal(currency, parsed);
            }
        );

    [Fact]
    public void Nothing_else_is_a_currency() =>
        Gen.OneOf(Gen.String, Gen.OneOf("krw", "KRW ", "", "EUR", "410", "Krw"))
            .Null()
            .Sample(text => text is "KRW" or "USD" || !Currencies.TryParse(text, out _));
}
