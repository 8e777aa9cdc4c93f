using System.Globalization;
using System.Text;

namespace QuickPay.Members;

/// <summary>Names as members write them: 1 to 60 characters, as a reader counts them.</summary>
public static class MemberName
{
    /// <summary>Text elements, so that a Hangul syllable or an emoji counts once.</summary>
    public const int LengthMax = 60;

    // A text element may carry any number of combining marks; this bounds the whole.
    private const int Utf16Max = 240;

    /// <summary>Trims and composes (NFC); refuses what is empty, too long, or has control, format or lone surrogate characters.</summary>
    public static bool TryNormalise(string? text, out string name)
    {
        name = "";
        if (text is null || text.Length > Utf16Max || HasForbidden(text))
        {
            return false;
        }

        var trimmed = text.Trim().Normalize(NormalizationForm.FormC);
        if (trimmed.Length == 0 || new StringInfo(trimmed).LengthInTextElements > LengthMax)
        {
            return false;
        }

        name = trimmed;
        return true;
    }

    /// <summary>What others may see: 김*수, A****e, 이*.</summary>
    public static string Mask(string name)
    {
        var elements = StringInfo.ParseCombiningCharacters(name);
        return elements.Length switch
        {
            0 or 1 => "*",
            2 => $"{name[..elements[1]]}*",
            _ => $"{name[..elements[1]]}{new string('*', elements.Length - 2)}{name[elements[^1]..]}",
        };
    }

    /// <summary>True for text that could change how its surroundings are displayed or logged.</summary>
    public static bool HasForbidden(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // A lone surrogate is enumerated as U+FFFD. The zero-width joiner holds emoji together, so it may stay.
            if (rune == Rune.ReplacementChar || (Rune.GetUnicodeCategory(rune) is var c && IsForbidden(c) && rune.Value != 0x200D))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsForbidden(UnicodeCategory category) =>
        category
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse;
}
