using System.Globalization;

namespace QuickPay.Bench.Commands;

/// <summary>Numbers of accounts as people write them: 10000, 10k, 1M, and lists of them.</summary>
internal static class Counts
{
    private const long Least = 2;
    private const long Most = 100_000_000;

    public static IReadOnlyList<long> ParseList(string text) =>
        TryParseList(text, out var counts) ? counts : throw new FormatException($"Not a number of accounts: {text}");

    public static bool TryParseList(string text, out IReadOnlyList<long> counts)
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
                || number > Most
                || number * factor is < Least or > Most
            )
            {
                return false;
            }

            parsed.Add(number * factor);
        }

        return true;
    }
}
