using System.Diagnostics.CodeAnalysis;

namespace QuickPay.Money;

/// <summary>A currency by its ISO 4217 numeric code, which is also what the database stores.</summary>
public enum Currency : short
{
    /// <summary>South Korean won: no digits after the point.</summary>
    KRW = 410,

    /// <summary>US dollar: two digits after the point.</summary>
    USD = 840,
}

/// <summary>Currencies by their ISO 4217 letters.</summary>
public static class Currencies
{
    /// <summary>The three letters, such as <c>KRW</c>.</summary>
    public static string Code(this Currency currency) =>
        currency switch
        {
            Currency.KRW => "KRW",
            Currency.USD => "USD",
        };

    /// <summary>How many digits of the minor units stand after the point where people read an amount.</summary>
    public static int Digits(this Currency currency) =>
        currency switch
        {
            Currency.KRW => 0,
            Currency.USD => 2,
        };

    /// <summary>Reads three upper-case letters; false for anything that this ledger does not hold.</summary>
    public static bool TryParse([NotNullWhen(true)] string? code, out Currency currency)
    {
        currency = code switch
        {
            "KRW" => Currency.KRW,
            "USD" => Currency.USD,
            _ => default,
        };
        return currency != default;
    }
}
