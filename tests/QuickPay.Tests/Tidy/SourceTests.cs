using System.Text.RegularExpressions;

namespace QuickPay.Tests.Tidy;

/// <summary>What the compiler does not hold: the house's rules for source files.</summary>
public sealed partial class SourceTests
{
    private const int LinesMax = 400;

    /// <summary>Files that may be longer, each with the reason why it is not two files.</summary>
    private static readonly Dictionary<string, string> MayBeLong = [];

    [Fact]
    public void Money_is_never_floating_point()
    {
        string[] folders =
        [
            .. from project in (string[])["src/QuickPay", "src/QuickPay.Api"]
            from feature in (string[])["Money", "Accounts", "Transfers", "Ledger", "Statements"]
            select $"{project}/{feature}",
        ];

        var found = folders
            .Where(folder => Directory.Exists(Path.Combine(Repository.Root, folder)))
            .SelectMany(folder => Find(Repository.Files(folder, ".cs"), FloatingPoint(), WithoutComments))
            .Concat(Find(Repository.Files("src/QuickPay/Postgres/Migrations", ".sql"), FloatingSql(), WithoutSqlComments));

        Found.Nothing(found);
    }

    [Fact]
    public void Migrations_are_numbered_without_a_gap()
    {
        var names = Repository.Files("src/QuickPay/Postgres/Migrations", ".sql").Select(Path.GetFileName).ToList();

        Assert.NotEmpty(names);
        Assert.Equal(Enumerable.Range(1, names.Count).Select(n => $"{n:D4}"), names.Select(name => name![..4]));
        Assert.All(names, name => Assert.Matches("^[0-9]{4}(_[a-z0-9]+)+\\.sql$", name));
    }

    [Fact]
    public void No_file_is_longer_than_one_can_read()
    {
        var lengths = Repository
            .Files(".cs")
            .ToDictionary(path => path, path => File.ReadLines(Path.Combine(Repository.Root, path)).Count());

        Found.Nothing(
            lengths
                .Where(file => file.Value > LinesMax && !MayBeLong.ContainsKey(file.Key))
                .Select(file => $"{file.Key}: {file.Value} lines")
        );
        Assert.All(MayBeLong.Keys, path => Assert.True(lengths.GetValueOrDefault(path) > LinesMax, $"{path} needs no exception any more."));
    }

    [Fact]
    public void Nothing_is_left_for_later() => Found.Nothing(Find(Sources().Where(path => path != ThisFile), LeftForLater(), text => text));

    /// <summary>A test waits for what it needs: see Eventually in the integration tests.</summary>
    [Fact]
    public void No_test_sleeps() =>
        Found.Nothing(Find(Repository.Files("tests", ".cs").Where(path => path != ThisFile), Sleeping(), WithoutComments));

    [Fact]
    public void No_test_is_skipped() =>
        Found.Nothing(Find(Repository.Files("tests", ".cs").Where(path => path != ThisFile), Skipping(), WithoutComments));

    /// <summary>The architecture tests go by namespaces; this makes them folders.</summary>
    [Fact]
    public void Namespaces_are_folders()
    {
        var wrong =
            from path in Repository.Files(".cs")
            let declared = Namespace().Match(Repository.Read(path)).Groups[1].Value
            where declared.Length > 0
            let folder = Path.GetDirectoryName(path)!.Split('/')
            let expected = string.Join('.', folder[1..])
            where declared != expected
            select $"{path}: {declared}";

        Found.Nothing(wrong);
    }

    /// <summary>Who looks for a message by its number finds one.</summary>
    [Fact]
    public void Event_ids_occur_once()
    {
        var ids = (
            from path in Repository.Files("src", ".cs")
            from Match message in LogMessage().Matches(Repository.Read(path))
            select (Id: message.Groups[1].Value, Path: path)
        ).ToLookup(message => message.Id, message => message.Path);

        Assert.NotEmpty(ids);
        Assert.DoesNotContain("", ids.Select(id => id.Key));
        Found.Nothing(from id in ids where id.Count() > 1 select $"{id.Key}: {string.Join(", ", id)}");
    }

    /// <summary>Neither who built it nor from where it was taken may stand in a lock file: it would not restore elsewhere.</summary>
    [Fact]
    public void Lock_files_name_no_registry()
    {
        var locks = Repository.Files("packages.lock.json").Concat(Repository.Files("package-lock.json")).ToList();

        Assert.NotEmpty(locks);
        Found.Nothing(Find(locks, Registry(), text => text));
    }

    private const string ThisFile = "tests/QuickPay.Tests/Tidy/SourceTests.cs";

    private static IEnumerable<string> Sources() =>
        ((string[])[".cs", ".sql", ".csproj", ".props", ".js", ".mjs", ".md", ".http", ".json"])
            .SelectMany(Repository.Files)
            .Append("quickpay");

    private static IEnumerable<string> Find(IEnumerable<string> paths, Regex what, Func<string, string> read) =>
        from path in paths
        from line in read(Repository.Read(path)).Split('\n').Select((text, n) => (Text: text, Number: n + 1))
        where what.IsMatch(line.Text)
        select $"{path}:{line.Number}: {line.Text.Trim()}";

    private static string WithoutComments(string code) => Comment().Replace(code, "");

    private static string WithoutSqlComments(string sql) => SqlComment().Replace(sql, "");

    [GeneratedRegex(@"\b(double|float|decimal|Half|Double|Decimal|Single(?!\())\b")]
    private static partial Regex FloatingPoint();

    [GeneratedRegex(@"\b(real|double precision|float[48]?|numeric|decimal|money)\b", RegexOptions.IgnoreCase)]
    private static partial Regex FloatingSql();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex LeftForLater();

    [GeneratedRegex(@"\b(Thread\.Sleep|Task\.Delay|SpinWait)\b")]
    private static partial Regex Sleeping();

    [GeneratedRegex(@"\b(Skip|SkipWhen|SkipUnless)\s*=\s*|Assert\.Skip")]
    private static partial Regex Skipping();

    [GeneratedRegex(@"^namespace ([A-Za-z0-9_.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\[LoggerMessage\((?:\s*(?:EventId\s*=\s*)?([0-9]+))?")]
    private static partial Regex LogMessage();

    // npm writes what it took from where as "resolved"; NuGet's "resolved" is a version.
    [GeneratedRegex("\"resolved\": \"[a-z]+:|\"(source|registry)\"|https?://[^\"]*(npm|nuget|registry|pypi|artifactory|nexus)")]
    private static partial Regex Registry();

    // To the end of the line, unless a string goes on: an address in it has two slashes too.
    [GeneratedRegex(@"(?<![:""])//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("--.*$", RegexOptions.Multiline)]
    private static partial Regex SqlComment();
}
