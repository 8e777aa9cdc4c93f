using System.Globalization;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>
/// Finds the words that a regular expression spells. The rules' expressions are assembled by a program: <c>s(?:e(?:lec|t)t|leep)</c>
/// stands for select, sett and sleep, and <c>c["\\]*a["\\]*t</c> for cat, so no word of theirs can be read off the text.
/// <para>
/// Each part of an expression becomes a set of <see cref="Spelling"/>s: how what it matches begins and ends in letters. Joining two parts
/// joins the end of one with the beginning of the other; what stands between two other characters is a finished word.
/// Every letter is lower case. The result may hold words that the expression does not match; none that it matches is missing, unless
/// <see cref="IsComplete"/> says so.
/// </para>
/// </summary>
internal sealed class PatternSpeller
{
    private const int SpellingsMax = 6_000;
    private const int LetterSetMax = 8;
    private const string Quotes = """\'"^`$""";
    private static readonly Spelling[] Nothing = [new("", "", false)];
    private static readonly Spelling[] Other = [new("", "", true)];

    private readonly string _pattern;
    private readonly ISet<string> _words;
    private readonly Func<char, bool>? _isInText;
    private int _at;

    private PatternSpeller(string pattern, ISet<string> words, Func<char, bool>? isInText) =>
        (_pattern, _words, _isInText) = (pattern, words, isInText);

    /// <summary>False when a part had too many spellings to be joined with the next one: then words across that border are missing.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Adds the words of two letters and more.</summary>
    /// <param name="pattern">A regular expression as PCRE reads it.</param>
    /// <param name="words">Where to add them.</param>
    /// <param name="isInText">Which characters a text is made of; what cannot match in such a text is left out. Null: any.</param>
    /// <returns>Whether the words are complete.</returns>
    public static bool AddWords(string pattern, ISet<string> words, Func<char, bool>? isInText = null)
    {
        var speller = new PatternSpeller(pattern, words, isInText);
        foreach (var spelling in speller.ReadAlternatives())
        {
            speller.Finish(spelling.Start);
            speller.Finish(spelling.End);
        }
        // A bracket too many: what follows it was not read.
        return speller.IsComplete && speller._at == pattern.Length;
    }

    private HashSet<Spelling> ReadAlternatives()
    {
        HashSet<Spelling> all = [.. ReadSequence()];
        while (Peek() == '|')
        {
            _at++;
            all.UnionWith(ReadSequence());
        }
        return all;
    }

    private IReadOnlyCollection<Spelling> ReadSequence()
    {
        IReadOnlyCollection<Spelling> all = Nothing;
        while (_at < _pattern.Length && Peek() is not ('|' or ')'))
        {
            all = Join(all, Repeated(ReadAtom(out var isQuote), isQuote));
        }
        return all;
    }

    /// <param name="isQuote">Set for what attackers put between a command's letters: it may be left out, and then it is.</param>
    private IReadOnlyCollection<Spelling> ReadAtom(out bool isQuote)
    {
        isQuote = false;
        var c = _pattern[_at++];
        switch (c)
        {
            case '(':
                return ReadGroup();
            case '[':
                return ReadSet(out isQuote);
            case '\\':
                return OfEscape(_pattern[_at++]);
            case '^' or '$':
                return Nothing;
            case '.':
                return Other;
            default:
                return Of(c);
        }
    }

    private IReadOnlyCollection<Spelling> ReadGroup()
    {
        var isAssertion = false;
        if (Peek() == '?')
        {
            _at++;
            // (?i) (?i:…) (?:…) (?>…) (?=…) (?!…) (?<=…) (?<!…)
            while (Peek() is not (':' or '=' or '!' or '>' or ')'))
            {
                _at++;
            }
            if (Peek() == ')')
            {
                _at++;
                return Nothing;
            }
            isAssertion = Peek() is '=' or '!';
            _at++;
        }
        var inside = ReadAlternatives();
        _at++;
        if (!isAssertion)
        {
            return inside;
        }
        // It looks at what stands there and takes none of it.
        foreach (var spelling in inside)
        {
            Finish(spelling.Start);
            Finish(spelling.End);
        }
        return Nothing;
    }

    private HashSet<Spelling> ReadSet(out bool isQuote)
    {
        var isNegated = Peek() == '^';
        _at += isNegated ? 1 : 0;
        HashSet<char> letters = [];
        var (hasOther, isMore, first) = (false, false, true);
        while (first || Peek() != ']')
        {
            first = false;
            if (Peek() == '[' && _pattern[_at + 1] == ':')
            {
                // [:space:], [:alpha:] …: any of them stands for many characters.
                _at = _pattern.IndexOf(":]", _at, StringComparison.Ordinal) + 2;
                (hasOther, isMore) = (true, true);
                continue;
            }
            var low = ReadSetCharacter(ref hasOther, ref isMore);
            var high = low;
            if (low != 0 && Peek() == '-' && _pattern[_at + 1] != ']')
            {
                _at++;
                high = ReadSetCharacter(ref hasOther, ref isMore);
            }
            for (var c = low; c <= high && low != 0; c++)
            {
                if (char.IsAsciiLetter(c))
                {
                    letters.Add(char.ToLowerInvariant(c));
                }
                else
                {
                    hasOther |= IsInText(c);
                    isMore |= !Quotes.Contains(c);
                }
            }
        }
        _at++;
        // Many letters say nothing about the word: it ends there.
        if (isNegated || letters.Count > LetterSetMax)
        {
            isQuote = false;
            return [.. Other];
        }
        isQuote = letters.Count == 0 && !isMore;
        HashSet<Spelling> all = [.. letters.Select(letter => new Spelling($"{letter}", $"{letter}", false))];
        if (hasOther)
        {
            all.Add(Other[0]);
        }
        return all;
    }

    /// <returns>0 for a class such as <c>\s</c>.</returns>
    private char ReadSetCharacter(ref bool hasOther, ref bool isMore)
    {
        var c = _pattern[_at++];
        if (c != '\\')
        {
            return c;
        }
        c = _pattern[_at++];
        if (c is 'x')
        {
            return ReadHex();
        }
        if (!char.IsAsciiLetterOrDigit(c))
        {
            return c;
        }
        (hasOther, isMore) = (true, true);
        return '\0';
    }

    private Spelling[] OfEscape(char c)
    {
        if (c == 'x')
        {
            return Of(ReadHex());
        }
        return c is 'b' or 'B' or 'A' or 'Z' or 'z' ? Nothing
            : char.IsAsciiLetterOrDigit(c) ? Other
            : Of(c);
    }

    private char ReadHex()
    {
        _at += 2;
        return (char)int.Parse(_pattern.AsSpan(_at - 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <returns>Empty when no text has it: then nothing around it matches either.</returns>
    private Spelling[] Of(char c)
    {
        var letter = char.ToLowerInvariant(c).ToString();
        return char.IsAsciiLetter(c) ? [new Spelling(letter, letter, false)]
            : IsInText(c) ? Other
            : [];
    }

    private bool IsInText(char c) => _isInText is null || _isInText(c);

    private IReadOnlyCollection<Spelling> Repeated(IReadOnlyCollection<Spelling> atom, bool isQuote)
    {
        var (least, most) = ReadQuantifier();
        if (least == 0 && isQuote)
        {
            return Nothing;
        }
        if (most > 1)
        {
            // More often than once: what it ends with, it may begin with again.
            atom = [.. atom, .. Join(atom, atom)];
        }
        return least == 0 ? [.. atom, Nothing[0]] : atom;
    }

    private (int Least, int Most) ReadQuantifier()
    {
        var quantifier = (1, 1);
        switch (Peek())
        {
            case '*':
                quantifier = (0, 2);
                _at++;
                break;
            case '+':
                quantifier = (1, 2);
                _at++;
                break;
            case '?':
                quantifier = (0, 1);
                _at++;
                break;
            case '{' when char.IsAsciiDigit(_pattern.ElementAtOrDefault(_at + 1)):
                quantifier = (_pattern[_at + 1] == '0' ? 0 : 1, 2);
                _at = _pattern.IndexOf('}', _at) + 1;
                break;
            default:
                return quantifier;
        }
        // Lazy or possessive.
        _at += Peek() is '?' or '+' ? 1 : 0;
        return quantifier;
    }

    private IReadOnlyCollection<Spelling> Join(IReadOnlyCollection<Spelling> before, IReadOnlyCollection<Spelling> after)
    {
        if (before.Count * after.Count > SpellingsMax)
        {
            IsComplete = false;
            foreach (var spelling in before.Concat(after))
            {
                Finish(spelling.Start);
                Finish(spelling.End);
            }
            return Other;
        }
        HashSet<Spelling> joined = [];
        foreach (var a in before)
        {
            foreach (var b in after)
            {
                joined.Add(Join(a, b));
            }
        }
        return joined;
    }

    private Spelling Join(Spelling a, Spelling b)
    {
        if (a.IsCut && b.IsCut)
        {
            Finish(a.End + b.Start);
        }
        return new Spelling(a.IsCut ? a.Start : a.Start + b.Start, b.IsCut ? b.End : a.End + b.End, a.IsCut || b.IsCut);
    }

    private void Finish(string word)
    {
        if (word.Length >= 2)
        {
            _words.Add(word);
        }
    }

    private char Peek() => _at < _pattern.Length ? _pattern[_at] : '\0';

    /// <param name="Start">The letters it begins with; all of it when it is not cut.</param>
    /// <param name="End">The letters it ends with; all of it when it is not cut.</param>
    /// <param name="IsCut">Something that is no letter stands in it.</param>
    private readonly record struct Spelling(string Start, string End, bool IsCut);
}
