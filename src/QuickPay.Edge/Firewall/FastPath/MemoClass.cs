using System.Buffers;
using System.Globalization;
using System.Text;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>
/// Memos that no rule can match. A rule sees a memo in two ways:
/// <code>
/// 점심 Kim 4500   as it is: Latin letters, digits, and bytes of 0x80 and more, which no rule names
/// .ì Kim 4500     folded: of a character beyond ASCII only the lowest byte is left (t:utf8toUnicode, then t:urlDecodeUni), so that
///                 심 (U+C2EC) is 0xEC, 점 (U+C810) a control, and 갧 (U+AC27) an apostrophe
/// </code>
/// What could match has to be made of words. So a memo is one of two kinds:
/// <list type="bullet">
/// <item>with Latin letters: none of its words is one of the rules' (<see cref="Vocabulary"/>), and folding the others gives nothing that
/// an attack is made of besides words;</item>
/// <item>without: folding may give some punctuation, but no word, no quotation, no comment, no bracket and no variable.</item>
/// </list>
/// Which punctuation is harmless was found by asking the rules (FastPathDifferentialTests), and holds for the rules as they are.
/// </summary>
internal sealed class MemoClass(Vocabulary vocabulary)
{
    internal const int BytesMax = 600;
    private const int CharactersMax = 200;

    /// <summary>Set on a folded character that was none of ASCII.</summary>
    private const char FoldedFlag = (char)0x100;

    private static readonly SearchValues<char> Punctuation = SearchValues.Create(".,!?~ ");

    /// <summary>Folded punctuation that makes no attack where there is no word.</summary>
    private static readonly SearchValues<char> FoldedPunctuation = SearchValues.Create(".,!?~ <>+|=:_$[]{}");

    public bool Contains(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > BytesMax)
        {
            return false;
        }
        Span<char> folded = stackalloc char[CharactersMax];
        return TryFold(utf8, folded, out var length, out var hasLatin)
            && (hasLatin ? IsHarmlessText(folded[..length]) : IsHarmlessFolded(folded[..length]));
    }

    private static bool TryFold(ReadOnlySpan<byte> utf8, Span<char> folded, out int length, out bool hasLatin)
    {
        (length, hasLatin) = (0, false);
        while (!utf8.IsEmpty)
        {
            if (length == folded.Length)
            {
                return false;
            }
            var c = (char)utf8[0];
            var size = 1;
            if (char.IsAscii(c))
            {
                var isLetter = char.IsAsciiLetter(c);
                hasLatin |= isLetter;
                if (!isLetter && !char.IsAsciiDigit(c) && !Punctuation.Contains(c))
                {
                    return false;
                }
            }
            else
            {
                if (Rune.DecodeFromUtf8(utf8, out var rune, out size) != OperationStatus.Done || !IsLetter(rune))
                {
                    return false;
                }
                c = (char)((rune.Value & 0xFF) | FoldedFlag);
            }
            folded[length++] = c;
            utf8 = utf8[size..];
        }
        return true;
    }

    /// <summary>
    /// Letters of the scripts that members write in. Not those that stand for ASCII to somebody: fullwidth and modifier letters, nor
    /// marks that combine; and none outside of the basic plane, which fold to two characters.
    /// </summary>
    private static bool IsLetter(Rune rune) =>
        rune.Value switch
        {
            >= 0xAC00 and <= 0xD7A3 => true, // Hangul
            >= 0x4E00 and <= 0x9FFF => true, // CJK
            >= 0x3131 and <= 0x318E => true, // Hangul, single letters
            >= 0x3041 and <= 0x3096 or >= 0x30A1 and <= 0x30FA or 0x30FC => true, // kana
            >= 0xC0 and <= 0x24F or >= 0x386 and <= 0x3FF or >= 0x400 and <= 0x481 or >= 0x1E00 and <= 0x1EFF or >= 0xE01 and <= 0xE46 =>
                Rune.GetUnicodeCategory(rune)
                    is UnicodeCategory.UppercaseLetter
                        or UnicodeCategory.LowercaseLetter
                        or UnicodeCategory.OtherLetter,
            _ => false,
        };

    private bool IsHarmlessText(ReadOnlySpan<char> folded)
    {
        var isAfterOperator = false;
        for (var i = 0; i < folded.Length; i++)
        {
            var c = Plain(folded[i]);
            var isFolded = c != folded[i];
            if (c >= 0x80)
            {
                continue;
            }
            if (char.IsAsciiLetterOrDigit(c))
            {
                var end = EndOfRun(folded, i);
                if (isAfterOperator || !IsHarmlessRun(folded, i, end))
                {
                    return false;
                }
                i = end - 1;
            }
            else if (isFolded ? c == '\0' || !(char.IsControl(c) || c == ' ') : c == '.' && i > 0 && Plain(folded[i - 1]) == '.')
            {
                // A null would be taken out, and join the words around it. Two dots alone are a path.
                return false;
            }
            // To SQL these are operators; nothing may follow that they could be applied to.
            isAfterOperator |= c is '!' or '~';
        }
        return !vocabulary.StandsIn(folded);
    }

    /// <param name="folded">The memo.</param>
    /// <param name="start">Where the letters, or the digits, begin.</param>
    /// <param name="end">Where they end.</param>
    private bool IsHarmlessRun(ReadOnlySpan<char> folded, int start, int end)
    {
        var length = end - start;
        var isBeforeDigit = end < folded.Length && char.IsAsciiDigit(Plain(folded[end]));
        if (char.IsAsciiDigit(Plain(folded[start])))
        {
            return length <= Shapes.NumberDigitsMax;
        }
        var isAfterDigit = start > 0 && char.IsAsciiDigit(Plain(folded[start - 1]));
        // 0x41, 1e5 and log10 are numbers and names to SQL.
        if (isBeforeDigit || (length == 1 && isAfterDigit))
        {
            return false;
        }
        Span<char> letters = stackalloc char[length];
        var isFolded = false;
        for (var i = 0; i < length; i++)
        {
            letters[i] = Plain(folded[start + i]);
            isFolded |= letters[i] != folded[start + i];
            // One rule looks into base64: in ZXZhbCgx it finds eval(1. Small letters alone spell no word of its in base64.
            if (i > 0 && char.IsAsciiLetterUpper(letters[i]) && char.IsAsciiLetterLower(letters[i - 1]))
            {
                return false;
            }
        }
        // Three letters by folding are hardly ever anybody's intention.
        return length == 1 || (!(isFolded && length > 2) && !vocabulary.IsWord(letters));
    }

    private bool IsHarmlessFolded(ReadOnlySpan<char> folded)
    {
        Span<char> plain = stackalloc char[CharactersMax];
        var length = 0;
        foreach (var c in folded)
        {
            // Rules that take nulls out see what stood around them together.
            if (Plain(c) != '\0')
            {
                plain[length++] = Plain(c);
            }
        }
        plain = plain[..length];
        for (var i = 0; i < length; i++)
        {
            var c = plain[i];
            if (char.IsAsciiLetterOrDigit(c))
            {
                var run = plain[i..EndOfRun(plain, i)];
                if (char.IsAsciiDigit(c) ? run.Length > Shapes.NumberDigitsMax : run.Length > 2 || vocabulary.IsWord(run))
                {
                    return false;
                }
                i += run.Length - 1;
            }
            else if (c < 0x80 && !char.IsControl(c) && (!FoldedPunctuation.Contains(c) || IsPair(i > 0 ? plain[i - 1] : '\0', c)))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>A path's parent, and SQL's concatenation.</summary>
    private static bool IsPair(char before, char c) => (before, c) is ('.', '.') or ('|', '|');

    private static char Plain(char folded) => (char)(folded & ~FoldedFlag);

    private static int EndOfRun(ReadOnlySpan<char> text, int start)
    {
        var isDigits = char.IsAsciiDigit(Plain(text[start]));
        var end = start + 1;
        while (end < text.Length && (isDigits ? char.IsAsciiDigit(Plain(text[end])) : char.IsAsciiLetter(Plain(text[end]))))
        {
            end++;
        }
        return end;
    }
}
