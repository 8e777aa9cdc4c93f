using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace QuickPay.Edge.Firewall;

/// <summary>
/// Reads the lines in which the engine tells of a match, its C interface's only way to:
/// <code>
/// ModSecurity: Warning. Matched … against variable `ARGS:json.memo' (Value: `…' ) [file "…"] [line "46"] [id "942100"] [rev ""]
/// [msg "…"] [data "Matched Data: … found within ARGS:json.memo: …"] [severity "2"] …
/// </code>
/// Value and uri are the client's words and not escaped, so a line may lie about itself. That spoils a record of the liar's own attack
/// and no more: whether a request passes is asked of the engine in numbers, and ids that no rule has count as 0.
/// </summary>
internal sealed partial class RuleLog(FrozenSet<int> knownIds)
{
    /// <summary>Smaller ones are ours.</summary>
    public const int FirstOfRuleSet = 900_000;

    private const int AddsUp = 949_110;

    /// <summary>A match, and what of it may be written down; null for a rule that only adds up what others found.</summary>
    public RuleMatch? Read(string line)
    {
        var id = Number(Between(line, "] [id \"", "\""));
        if (id == AddsUp)
        {
            return null;
        }
        id = knownIds.Contains(id) ? id : 0;
        var data = Between(line, "[data \"", "\"] [severity");
        var matched = Between(data, "Matched Data: ", " found within ");
        var variable = Between(data, " found within ", ": ");
        if (variable.IsEmpty)
        {
            variable = Between(line, " against variable `", "' (Value: ");
            matched = Between(line, "' (Value: `", "' ) [file \"");
        }
        var severity = Number(Between(line, "] [severity \"", "\""));
        return new RuleMatch(id, AttackOf(id), severity, KnownNames.Mask(variable), Mask(variable, matched));
    }

    /// <summary>Ids that a rules file gives.</summary>
    public static IEnumerable<int> IdsOf(string rules) =>
        IdAction().Matches(rules).Select(match => int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture));

    /// <summary>Points that a match counts in the rule set's sum.</summary>
    public static int PointsOf(int severity) =>
        severity switch
        {
            2 => 5,
            3 => 4,
            4 => 3,
            5 => 2,
            _ => 0,
        };

    internal static string Mask(ReadOnlySpan<char> variable, ReadOnlySpan<char> matched) =>
        matched.IsEmpty || Secret().IsMatch(variable) ? "" : $"{Printable(matched[..Math.Min(2, matched.Length)])}…({matched.Length})";

    private static string AttackOf(int id) =>
        (id / 1_000) switch
        {
            10 => "protocol",
            911 => "method",
            913 => "scanner",
            920 or 921 or 922 => "protocol",
            930 => "lfi",
            931 => "rfi",
            932 => "rce",
            933 => "php",
            934 => "nodejs",
            941 => "xss",
            942 => "sqli",
            943 => "session-fixation",
            944 => "java",
            _ => "other",
        };

    private static ReadOnlySpan<char> Between(ReadOnlySpan<char> text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal);
        if (start < 0)
        {
            return [];
        }
        text = text[(start + before.Length)..];
        var end = text.IndexOf(after, StringComparison.Ordinal);
        return end < 0 ? [] : text[..end];
    }

    private static int Number(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>No sign of the client's may break a log's line.</summary>
    private static string Printable(ReadOnlySpan<char> text) =>
        string.Create(
            text.Length,
            text,
            static (kept, all) =>
            {
                for (var i = 0; i < kept.Length; i++)
                {
                    kept[i] = char.IsAscii(all[i]) && !char.IsControl(all[i]) ? all[i] : '?';
                }
            }
        );

    [GeneratedRegex("password|pin|token|authorization|cookie|phone|counterparty|idempotency", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"[""',\s]id:(\d+)")]
    private static partial Regex IdAction();
}
