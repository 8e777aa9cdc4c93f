using System.Text.RegularExpressions;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>
/// The words that the installed rules look for in what a request holds, read from the rules themselves: an update of the rule set brings
/// its own. Only rules of paranoia level 1 count; at a higher level there is no fast path.
/// </summary>
/// <param name="Words">All of them; lower case, two letters and more.</param>
/// <param name="InText">Of these, the words of what a rule could find in a text of letters, digits, spaces and <c>.,!?~</c>.</param>
/// <param name="ShortPhrases">Of phrases that rules find anywhere in a text, inside of words too, those without a long word: <c>.nsr</c>.</param>
/// <param name="IsComplete">False when an expression could not be read to its end.</param>
/// <param name="Versions">What the rules call the rule set they are of.</param>
internal sealed partial record RuleWords(
    IReadOnlySet<string> Words,
    IReadOnlySet<string> InText,
    IReadOnlySet<string> ShortPhrases,
    bool IsComplete,
    IReadOnlySet<string> Versions
)
{
    /// <summary>Shorter words stand inside too many honest ones.</summary>
    public const int LongWordMin = 4;

    /// <summary>The line of the rule set that the fast class was tried against; Debian takes single rules from later ones of it.</summary>
    private const string TriedVersions = "OWASP_CRS/3.3.";

    /// <summary>Whether the fast class may rely on them: what it says of punctuation is true of the rules it was tried against.</summary>
    public bool AreKnown =>
        IsComplete && Versions.Count > 0 && Versions.All(version => version.StartsWith(TriedVersions, StringComparison.Ordinal));

    /// <exception cref="IOException">A file of the rule set cannot be read.</exception>
    public static RuleWords Read(IEnumerable<string> files)
    {
        HashSet<string> words = [];
        HashSet<string> inText = [];
        HashSet<string> shortPhrases = [];
        HashSet<string> versions = [];
        var isComplete = true;
        foreach (var file in files)
        {
            var folder = Path.GetDirectoryName(file)!;
            var text = File.ReadAllText(file);
            versions.UnionWith(Version().Matches(text).Select(version => version.Groups[1].Value));
            foreach (var (name, argument) in OperatorsOf(text))
            {
                switch (name)
                {
                    case "rx":
                        isComplete &= PatternSpeller.AddWords(argument, words);
                        isComplete &= PatternSpeller.AddWords(argument, inText, IsInText);
                        break;
                    case "pmFromFile" or "pmf":
                        foreach (var list in argument.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                        {
                            AddPhrases(
                                File.ReadLines(Path.Combine(folder, list)).Where(line => !line.StartsWith('#')),
                                inText,
                                shortPhrases
                            );
                        }
                        break;
                    case "pm":
                        AddPhrases(argument.Split(' '), inText, shortPhrases);
                        break;
                    default:
                        AddLetters(argument, inText);
                        break;
                }
            }
        }
        words.UnionWith(inText);
        return new RuleWords(words, inText, shortPhrases, isComplete, versions);
    }

    /// <summary>Operators of rules that look at arguments, bodies, cookies or any header, in their file's order.</summary>
    private static IEnumerable<(string Name, string Argument)> OperatorsOf(string text)
    {
        var level = 1;
        foreach (var line in text.Replace("\\\n", "", StringComparison.Ordinal).Split('\n'))
        {
            if (LevelBelow().Match(line) is { Success: true } mark)
            {
                level = mark.Groups[1].ValueSpan[0] - '0';
            }
            else if (level == 1 && Rule().Match(line) is { Success: true } rule && LooksAtContent(rule.Groups["targets"].Value))
            {
                // An operator without a name is @rx.
                var name = rule.Groups["name"] is { Success: true } given ? given.Value : "rx";
                yield return (name, rule.Groups["argument"].Value.Replace("\\\"", "\"", StringComparison.Ordinal));
            }
        }
    }

    private static bool LooksAtContent(string targets) =>
        targets.Split('|').Any(target => Content().IsMatch(target)) && !targets.StartsWith('&');

    /// <summary>A phrase counts only whole, so one with a character that the fast class does not have cannot match there.</summary>
    private static void AddPhrases(IEnumerable<string> phrases, HashSet<string> words, HashSet<string> shortPhrases)
    {
        foreach (var phrase in phrases.Where(phrase => !OutsideMemos().IsMatch(phrase)))
        {
            AddLetters(phrase, words);
            if (phrase.Any(char.IsAsciiLetterOrDigit) && Letters().Matches(phrase).All(word => word.Length < LongWordMin))
            {
                shortPhrases.Add(phrase);
            }
        }
    }

    /// <summary>Other characters and controls may be what folding leaves of foreign letters.</summary>
    private static bool IsInText(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is ' ' or '.' or ',' or '!' or '?' or '~' || c >= 0x7F || char.IsControl(c);

    private static void AddLetters(string text, HashSet<string> words)
    {
        foreach (Match word in Letters().Matches(text))
        {
            words.Add(word.Value.ToLowerInvariant());
        }
    }

    [GeneratedRegex(@"\bver:'([^']*)'")]
    private static partial Regex Version();

    [GeneratedRegex("TX:EXECUTING_PARANOIA_LEVEL \"@lt ([1-4])\"")]
    private static partial Regex LevelBelow();

    [GeneratedRegex("""^\s*SecRule\s+(?<targets>\S+)\s+"!?(?:@(?<name>\w+)(?:\s+|(?=")))?(?<argument>(?:[^"\\]|\\.)*)""")]
    private static partial Regex Rule();

    [GeneratedRegex("^(?:ARGS|ARGS_NAMES|ARGS_POST|REQUEST_BODY|REQUEST_COOKIES|REQUEST_HEADERS|MATCHED_VARS?|TX:.*)$")]
    private static partial Regex Content();

    [GeneratedRegex("[^A-Za-z0-9 .,!?~]")]
    private static partial Regex OutsideMemos();

    [GeneratedRegex("[A-Za-z]{2,}")]
    private static partial Regex Letters();
}
