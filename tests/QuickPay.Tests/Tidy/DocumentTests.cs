using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace QuickPay.Tests.Tidy;

public sealed partial class DocumentTests
{
    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var dead =
            from path in Repository.Files(".md")
            from Match link in Link().Matches(WithoutCode(Repository.Read(path)))
            let target = link.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
            where !LeadsSomewhere(path, target)
            select $"{path}: {target}";

        Found.Nothing(dead);
    }

    /// <summary>Whoever has a minute reads the first sentence.</summary>
    [Fact]
    public void Every_concept_begins_with_what_it_is_in_short() =>
        Assert.All(
            Repository.Files("docs/concepts", ".md").Append("docs/architecture.md"),
            path => Assert.Contains("\n\n**In short:** ", Repository.Read(path))
        );

    [Fact]
    public void Every_decision_says_what_is_bad_about_it() =>
        Assert.All(
            Repository.Files("docs/adr", ".md"),
            path =>
            {
                var text = Repository.Read(path);
                Assert.All(
                    (string[])["**In short:**", "**Context.**", "**Decision.**", "**Consequences.**", "Bad:"],
                    part => Assert.Contains(part, text)
                );
            }
        );

    [Fact]
    public void Decisions_are_numbered_without_a_gap()
    {
        var files = Repository.Files("docs/adr", ".md").ToList();

        Assert.Equal(Enumerable.Range(1, files.Count).Select(n => $"{n:D4}"), files.Select(path => Path.GetFileName(path)[..4]));
        Assert.All(files, path => Assert.StartsWith($"# {Path.GetFileName(path)[..4]} ", Repository.Read(path), StringComparison.Ordinal));
    }

    /// <summary>Every package that is taken is named in docs/dependencies.md with its licence and why; nothing else is named there.</summary>
    [Fact]
    public void Every_dependency_has_a_licence_and_a_reason()
    {
        var rows = Repository
            .Read("docs/dependencies.md")
            .Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| package", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .ToList();

        Assert.All(rows, row => Assert.True(row.Length == 3 && row.All(cell => cell.Length > 2), string.Join(" | ", row)));
        Assert.Equal(Taken().Order(StringComparer.Ordinal), rows.SelectMany(row => row[0].Split(", ")).Order(StringComparer.Ordinal));
    }

    /// <summary>A translation drifts in silence: it must at least show the same commands and name the same files.</summary>
    [Fact]
    public void Both_READMEs_show_the_same_commands()
    {
        var (english, korean) = (Repository.Read("README.md"), Repository.Read("README.ko.md"));

        Assert.NotEmpty(Commands(english));
        Assert.Equal(Commands(english), Commands(korean));
        Assert.Equal(Mentioned(english), Mentioned(korean));
    }

    /// <summary>The lines of the shell blocks, comments aside: those are in the reader's language.</summary>
    private static List<string> Commands(string text) =>
        [
            .. from Match block in ShellBlock().Matches(text)
            from line in ShellComment().Replace(block.Groups[1].Value, "").Split('\n')
            where line.Length > 0
            select line,
        ];

    /// <summary>What stands in code letters between the blocks: commands, files, settings.</summary>
    private static List<string> Mentioned(string text) =>
        [
            .. Code()
                .Matches(text)
                .Select(code => code.Value)
                .Where(code => !code.StartsWith("```", StringComparison.Ordinal))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    private static IEnumerable<string> Taken() =>
        XDocument
            .Parse(Repository.Read("Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Select(package => (string)package.Attribute("Include")!)
            .Concat(Names(".config/dotnet-tools.json", "tools"))
            .Concat(Names("bench/baseline-express/package.json", "dependencies"))
            .Concat(Names("infra/nag/package.json", "dependencies"));

    private static List<string> Names(string path, string property)
    {
        using var json = JsonDocument.Parse(Repository.Read(path));
        return [.. json.RootElement.GetProperty(property).EnumerateObject().Select(entry => entry.Name)];
    }

    private static bool LeadsSomewhere(string from, string link)
    {
        var parts = link.Split('#', 2);
        var target = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(from)!, parts[0]));
        if (parts[0].Length == 0)
        {
            target = Path.Combine(Repository.Root, from);
        }
        return Path.Exists(target) && (parts.Length == 1 || Anchors(target).Contains(parts[1]));
    }

    /// <summary>As GitHub makes them from headings.</summary>
    private static IEnumerable<string> Anchors(string path) =>
        from Match heading in Heading().Matches(File.ReadAllText(path))
        select NoAnchor().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    private static string WithoutCode(string text) => Code().Replace(text, "");

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("(^|[ ]+)#.*$", RegexOptions.Multiline)]
    private static partial Regex ShellComment();

    [GeneratedRegex("```.*?```|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex Code();
}
