using System.Globalization;

namespace QuickPay.Bench.Commands;

/// <summary>Numbers of accounts and keys as people write them: 10000, 10k, 1M, and lists of them.</summary>
internal static class Counts
{
    private const long Least = 2;
    public const long AccountsMax = 100_000_000;
    public const long KeysMax = 1_000_000_000;

    public static IReadOnlyList<long> ParseList(string text, long most = AccountsMax) =>
        TryParseList(text, out var counts, most) ? counts : throw new FormatException($"Not a count: {text}");

    public static bool TryParseList(string text, out IReadOnlyList<long> counts, long most = AccountsMax)
    {
        List<long> parsed = [];
        counts = parsed;
        foreach (var part in text.Split(','))
        {
            var factor =
                part.Length == 0
                    ? 1
                    : part[^1] switch
                    {
                        'k' => 1_000,
                        'M' => 1_000_000,
                        _ => 1,
                    };
            var digits = factor == 1 ? part : part[..^1];
            if (
                !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number > most
                || number * factor < Least
                || number * factor > most
            )
            {
                return false;
            }

            parsed.Add(number * factor);
        }

        return true;
    }
}
