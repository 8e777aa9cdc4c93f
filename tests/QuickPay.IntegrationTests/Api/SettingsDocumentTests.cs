using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using QuickPay.Accounts;
using QuickPay.Api;
using QuickPay.Cli.Local;
using QuickPay.Edge;
using QuickPay.Hosting;
using QuickPay.IntegrationTests.Support;
using QuickPay.Worker;

namespace QuickPay.IntegrationTests.Api;

/// <summary>docs/settings.md is made from the types that settings are bound to, and from their comments.</summary>
public sealed partial class SettingsDocumentTests
{
    private static readonly Assembly[] Assemblies =
    [
        typeof(TransferLimits).Assembly,
        typeof(ApiOptions).Assembly,
        typeof(JobOptions).Assembly,
        typeof(EdgeOptions).Assembly,
    ];

    private static readonly Dictionary<string, XElement> Comments = Assemblies
        .SelectMany(assembly => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
        .GroupBy(member => (string)member.Attribute("name")!)
        .ToDictionary(group => group.Key, group => group.First());

    [Fact]
    public Task The_list_of_settings_is_the_checked_in_one() => CheckedInText.ShouldBeAsync("docs/settings.md", Document());

    /// <summary>Those that no type is bound to are written by hand below; the sources tell whether one is missing.</summary>
    [Fact]
    public void Settings_that_are_read_one_by_one_are_on_the_page_too()
    {
        var read = Directory
            .EnumerateFiles(Path.Combine(Programs.RepositoryRoot, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => ReadByName().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .ToList();

        Assert.NotEmpty(read);
        Assert.All(read, name => Assert.Contains($"| `{name}` |", Document()));
    }

    private static string Document()
    {
        var text = new StringBuilder(
            $"""
            # Settings

            A host reads its settings once, when it starts. All that is wrong with them is said at once, and a host that was told something wrong
            does not serve. They are in one JSON file, which contains the secrets, so that only its owner may read it:

            | environment variable | meaning |
            |---|---|
            | `{HostSettings.FileVariable}` | Path of the settings file. What it says wins over environment variables (`Posting__Lanes`) and the command line. |

            At its top, beside the sections below:

            | name | default | meaning |
            |---|---|---|
            | `Urls` | `http://localhost:5000` | The API: where it listens; several are separated by `;`. |
            | `InternalUrl` | `http://127.0.0.1:9091` | The worker: where it answers about its health (`/health/ready`) and whether it leads (`/leader`). |

            The worker reads `Postgres`, `Redis`, `Cache`, `Posting`, `Limits`, `Jobs` and `Rates`. The edge reads `Edge`, `Connections`, `Countries`, `RateLimits`, `Firewall`,
            `Balancing`, `Tokens` (public keys only) and, where edges count together, `Redis`. The API reads `Api`, `Postgres`, `Postgres:Replicas`,
            `Posting`, `Limits`, `Redis`, `Cache`, `Sessions`, `Statements`, `Tokens`, `PersonalData` and `SlowHashes`. `./quickpay up` writes a file for each process that it starts. Amounts
            are in minor units.

            """
        );
        foreach (
            var type in Assemblies
                .SelectMany(assembly => assembly.GetTypes())
                .Where(type => SectionOf(type) is not null)
                .OrderBy(SectionOf, StringComparer.Ordinal)
        )
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n## {SectionOf(type)}\n\n{Meaning($"T:{type.FullName}")}\n\n| name | default | range | meaning |\n|---|---|---|---|\n"
            );
            foreach (var row in RowsOf(type))
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{row.Name}` | {row.Default} | {row.Range} | {row.Meaning} |\n");
            }
        }
        text.Append("\n<!-- Made from the types that have a `Section`: QUICKPAY_WRITE_DOCS=1 ./quickpay test checked_in -->\n");
        return text.ToString();
    }

    private static string? SectionOf(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly) is { IsLiteral: true } section
            ? (string?)section.GetRawConstantValue()
            : null;

    private static IEnumerable<(string Name, string Default, string Range, string Meaning)> RowsOf(Type type)
    {
        var defaults = Activator.CreateInstance(type);
        return from property in SettableOf(type)
            let meaning = Meaning($"P:{type.FullName}.{property.Name}")
            from row in property.PropertyType == typeof(TierLimits)
                ? SettableOf(typeof(TierLimits))
                    .Select(part =>
                        (
                            $"{property.Name}:{part.Name}",
                            DefaultOf(part, property.GetValue(defaults)),
                            "",
                            $"{meaning} {Meaning($"T:{typeof(TierLimits).FullName}", part.Name)}"
                        )
                    )
                : [(property.Name, DefaultOf(property, defaults), RangeOf(property), meaning)]
            select row;
    }

    private static IEnumerable<PropertyInfo> SettableOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    private static string DefaultOf(PropertyInfo property, object? defaults) =>
        property.GetValue(defaults) switch
        {
            _ when property.Name.EndsWith("Password", StringComparison.Ordinal) => property.IsDefined(
                typeof(System.ComponentModel.DataAnnotations.RequiredAttribute),
                false
            )
                ? "must be given; a secret"
                : "a secret",
            "" when property.IsDefined(typeof(RequiredAttribute)) => "must be given",
            "" => "none",
            string text => $"`{text}`",
            bool yes => yes ? "`true`" : "`false`",
            double share => share.ToString(CultureInfo.InvariantCulture),
            IFormattable number => number.ToString("N0", CultureInfo.InvariantCulture),
            var other => throw new InvalidOperationException($"{property.DeclaringType}.{property.Name} is {other}: how is that written?"),
        };

    private static string RangeOf(PropertyInfo property)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
        {
            return "";
        }
        var (least, most) = (Number(range.Minimum), Number(range.Maximum));
        return string.Create(CultureInfo.InvariantCulture, $"{least:N0} {(most >= long.MaxValue ? "or more" : $"to {most:N0}")}");
    }

    private static decimal Number(object bound) => Convert.ToDecimal(bound, CultureInfo.InvariantCulture);

    /// <summary>What the comment of a type or member says in its summary, or about one parameter.</summary>
    private static string Meaning(string id, string? parameter = null)
    {
        var comment = Comments.GetValueOrDefault(id);
        var text = parameter is null
            ? comment?.Element("summary")
            : comment?.Elements("param").SingleOrDefault(param => (string)param.Attribute("name")! == parameter);
        Assert.True(text is not null, $"{id} {parameter} has no comment: docs/settings.md takes its meaning from there.");
        return Spaces().Replace(string.Concat(text.Nodes().Select(InMarkdown)), " ").Trim();
    }

    private static string InMarkdown(XNode node) =>
        node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see => $"`{((string)see.Attribute("cref")!).Split('.')[^1]}`",
            XText plain => plain.Value,
            _ => throw new InvalidOperationException($"{node}: how is that written in Markdown?"),
        };

    [GeneratedRegex("""Configuration\["(\w+)"\]""")]
    private static partial Regex ReadByName();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
