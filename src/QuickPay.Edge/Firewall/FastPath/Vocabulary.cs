using System.Buffers;
using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>The Latin words that may not pass without an inspection: those of the rules, and those of the engine's SQL detector.</summary>
internal sealed class Vocabulary
{
    private const int EncodedMax = 128;

    /// <summary>
    /// Short words that an expression finds without looking at where they begin or end: <c>ftp…?</c> is an address to it, and
    /// <c>budget Kim</c> with a line's end somewhere after it a request.
    /// </summary>
    private static readonly string[] ShortInside = ["ftp", "get ", "put "];

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _whole;
    private readonly SearchValues<string> _inside;

    public Vocabulary(RuleWords rules)
    {
        string[] sql = [.. SqlWords()];
        _whole = rules.Words.Concat(sql).ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _inside = SearchValues.Create(
            [.. rules.InText.Where(word => word.Length >= RuleWords.LongWordMin), .. rules.ShortPhrases, .. ShortInside],
            StringComparison.OrdinalIgnoreCase
        );
    }

    /// <summary>Whether these letters, with none before or after them, are a word of the rules.</summary>
    public bool IsWord(ReadOnlySpan<char> letters) => _whole.Contains(letters);

    /// <summary>Whether a word of the rules stands in the text, also inside another word.</summary>
    public bool StandsIn(ReadOnlySpan<char> text) => text.ContainsAny(_inside);

    /// <summary>Whether no word can be read out of a token, between its digits and hyphens: by accident it is in one of a few dozen.</summary>
    public bool IsHarmlessToken(ReadOnlySpan<char> token)
    {
        if (StandsIn(token) || token.Contains("--", StringComparison.Ordinal) || StandsInEncoded(token))
        {
            return false;
        }
        while (!token.IsEmpty)
        {
            var start = token.IndexOfAnyInRange('A', 'z');
            if (start < 0)
            {
                break;
            }
            var end = start + 1;
            while (end < token.Length && char.IsAsciiLetter(token[end]))
            {
                end++;
            }
            if (end - start > 1 && IsWord(token[start..end]))
            {
                return false;
            }
            token = token[end..];
        }
        return true;
    }

    /// <summary>One rule looks into base64.</summary>
    private bool StandsInEncoded(ReadOnlySpan<char> token)
    {
        Span<byte> bytes = stackalloc byte[EncodedMax];
        Span<char> characters = stackalloc char[EncodedMax];
        // Up to where it can be decoded.
        _ = Base64Url.DecodeFromChars(token[..Math.Min(token.Length, EncodedMax)], bytes, out _, out var length, isFinalBlock: false);
        return StandsIn(characters[..Encoding.Latin1.GetChars(bytes[..length], characters)]);
    }

    private static IEnumerable<string> SqlWords()
    {
        using var resource = typeof(Vocabulary).Assembly.GetManifestResourceStream("sql-words.txt")!;
        using var reader = new StreamReader(resource);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                foreach (var word in line.Split(' '))
                {
                    yield return word;
                }
            }
        }
    }
}
