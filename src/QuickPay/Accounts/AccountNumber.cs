using System.Globalization;

namespace QuickPay.Accounts;

/// <summary>
/// Account numbers: a bank-like prefix, a running number and a Luhn check digit (ISO/IEC 7812-1 Annex B), so that a
/// mistyped digit never names another member.
/// </summary>
public static class AccountNumber
{
    private const int Length = 12;

    /// <summary>The number of the <paramref name="sequence"/>th account: 11 digits and the check digit.</summary>
    public static string FromSequence(long sequence)
    {
        var digits = sequence.ToString("D11", CultureInfo.InvariantCulture);
        return digits.Length == Length - 1
            ? digits + CheckDigit(digits)
            : throw new InvalidOperationException($"The account numbers are used up at {sequence}.");
    }

    /// <summary>Takes what a person types (spaces and hyphens allowed); null when it cannot be an account number.</summary>
    public static string? Normalise(string text)
    {
        if (text.Length > 40)
        {
            return null;
        }
        var digits = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return digits.Length == Length && digits.All(char.IsAsciiDigit) && CheckDigit(digits[..^1]) == digits[^1] ? digits : null;
    }

    private static char CheckDigit(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[digits.Length - 1 - i] - '0';
            var weighted = i % 2 == 0 ? digit * 2 : digit;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }
        return (char)('0' + (10 - sum % 10) % 10);
    }
}
