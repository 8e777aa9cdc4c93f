using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using QuickPay.Api;
using QuickPay.Money;
using QuickPay.Tests.Tidy;

namespace QuickPay.Tests.Architecture;

/// <summary>
/// Who may know whom. Borders are folders (and so namespaces: SourceTests holds that); these tables are all of them. A new folder, or a new
/// line between two, is a decision: it is made here.
/// </summary>
public sealed partial class ArchitectureTests
{
    private static readonly Assembly Core = typeof(Currency).Assembly;
    private static readonly Assembly Api = typeof(ApiOptions).Assembly;

    private static readonly Dictionary<string, string[]> CoreMayUse = new()
    {
        ["Money"] = [],
        ["Accounts"] = ["Money", "Postgres"],
        ["Transfers"] = ["Money", "Postgres"],
        ["Caches"] = ["Accounts", "Ledger", "Memory", "Money", "Postgres", "Redis", "Telemetry"],
        ["Ledger"] = ["Accounts", "Money", "Postgres", "Telemetry", "Transfers"],
        ["Members"] = ["Accounts", "Money", "Postgres", "Redis", "Sessions", "Telemetry"],
        ["Sessions"] = ["Memory", "Redis", "Telemetry"],
        ["Operators"] = ["Members", "Postgres", "Sessions"],
        ["Postgres"] = ["Telemetry"],
        ["Rates"] = ["Money"],
        ["Redis"] = ["Telemetry", "Security"],
        ["Memory"] = [],
        ["Security"] = [],
        ["Slo"] = [],
        ["Statistics"] = ["Ledger", "Money", "Postgres", "Transfers"],
        ["Telemetry"] = [],
    };

    /// <summary>Of another feature a feature may use only these types. What stands in the project's root folder is for all.</summary>
    private static readonly Dictionary<string, string[]> ApiMayUse = new()
    {
        ["Accounts"] = ["Sessions.SessionGateExtensions"],
        ["Members"] = ["Sessions.SessionGateExtensions"],
        ["Operators"] = [],
        ["Rates"] = ["Sessions.SessionGateExtensions"],
        ["Sessions"] = [],
        ["Statements"] = ["Sessions.SessionGateExtensions", "Transfers.BalanceAfterView", "Transfers.TransferWords"],
        ["Statistics"] = ["Sessions.SessionGateExtensions", "Operators.OperatorGateExtensions", "Transfers.TransferWords"],
        ["Transfers"] = ["Sessions.SessionGateExtensions", "Members.PinProblems"],
    };

    private static readonly Dictionary<string, string[]> ProjectsMayUse = new()
    {
        ["src/QuickPay"] = [],
        ["src/QuickPay.Hosting"] = ["QuickPay"],
        ["src/QuickPay.Api"] = ["QuickPay", "QuickPay.Hosting"],
        ["src/QuickPay.Edge"] = ["QuickPay", "QuickPay.Hosting"],
        ["src/QuickPay.Worker"] = ["QuickPay", "QuickPay.Hosting"],
        ["src/QuickPay.Functions"] = ["QuickPay"],
        ["src/QuickPay.Cli"] = ["QuickPay"],
        ["infra/QuickPay.Aws"] = ["QuickPay"],
        ["bench/QuickPay.Bench"] = ["QuickPay.Cli"],
        ["bench/baseline-yarp"] = [],
    };

    [Fact]
    public void The_core_flows_down_from_the_ledger_to_money()
    {
        var wrong = Crossings(Core, "QuickPay.").Where(cross => !CoreMayUse.GetValueOrDefault(cross.Folder, []).Contains(cross.UsedFolder));

        Found.Nothing(wrong.Select(cross => $"{cross.User} → {cross.Used}"));
    }

    /// <summary>Constants leave no trace in what was compiled; the source says whose they are.</summary>
    [Fact]
    public void Sources_of_the_core_name_only_what_their_folder_may_use() =>
        Found.Nothing(
            from named in Named("src/QuickPay", "QuickPay.")
            where !CoreMayUse.GetValueOrDefault(named.Folder, []).Contains(named.UsedFolder)
            select $"{named.Path} → {named.UsedFolder}"
        );

    [Fact]
    public void Every_folder_of_the_core_has_its_place() =>
        Assert.Equal(
            CoreMayUse.Keys.Order(),
            Core.GetTypes().Select(type => FolderOf(type.Namespace, "QuickPay.")).OfType<string>().Distinct().Order()
        );

    [Fact]
    public void The_core_does_not_know_HTTP()
    {
        Assert.DoesNotContain(Core.GetReferencedAssemblies(), assembly => IsWeb(assembly.Name!));
        Assert.DoesNotContain("AspNetCore", Repository.Read("src/QuickPay/QuickPay.csproj"));
        Assert.Contains("<Project Sdk=\"Microsoft.NET.Sdk\">", Repository.Read("src/QuickPay/QuickPay.csproj"));
    }

    [Fact]
    public void Features_of_the_API_keep_to_themselves()
    {
        // OpenApi describes every feature, and no feature knows it.
        var wrong = Crossings(Api, "QuickPay.Api.")
            .Where(cross => cross.Folder != "OpenApi")
            .Where(cross => !ApiMayUse.GetValueOrDefault(cross.Folder, []).Contains($"{cross.UsedFolder}.{cross.Used.Name}"));

        Found.Nothing(wrong.Select(cross => $"{cross.User} → {cross.Used}"));
    }

    [Fact]
    public void Sources_of_the_API_name_only_features_that_theirs_may_use() =>
        Found.Nothing(
            from named in Named("src/QuickPay.Api", "QuickPay.Api.")
            where named.Folder != "OpenApi"
            where !ApiMayUse.GetValueOrDefault(named.Folder, []).Any(type => type.Split('.')[0] == named.UsedFolder)
            select $"{named.Path} → {named.UsedFolder}"
        );

    [Fact]
    public void Projects_use_what_stands_below_them() =>
        Assert.Equal(
            ProjectsMayUse.Select(project => $"{project.Key}: {string.Join(", ", project.Value.Order())}").Order(),
            Repository
                .Files(".csproj")
                .Where(path => !path.StartsWith("tests/", StringComparison.Ordinal))
                .Select(path =>
                    $"{Path.GetDirectoryName(path)}: {string.Join(", ", XDocument.Parse(Repository.Read(path)).Descendants("ProjectReference").Select(Name).Order())}"
                )
                .Order()
        );

    /// <summary>Uses of a type in one folder by a type in another.</summary>
    private static IEnumerable<(string Folder, Type User, string UsedFolder, Type Used)> Crossings(Assembly assembly, string root) =>
        from use in TypeUses.Of(assembly)
        let folder = FolderOf(use.From.Namespace, root)
        let usedFolder = FolderOf(use.To.Namespace, root)
        where folder is not null && usedFolder is not null && folder != usedFolder && use.To.Assembly == assembly
        select (folder, use.From, usedFolder, use.To);

    /// <summary>Using lines that name another folder than their file's own.</summary>
    private static IEnumerable<(string Path, string Folder, string UsedFolder)> Named(string project, string root) =>
        from path in Repository.Files(project, ".cs")
        let source = Repository.Read(path)
        let folder = FolderOf(Namespace().Match(source).Groups[1].Value, root)
        from line in Using().Matches(source)
        let usedFolder = FolderOf(line.Groups[1].Value, root)
        where folder is not null && usedFolder is not null && folder != usedFolder
        select (path, folder, usedFolder);

    private static string Name(XElement reference) => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!);

    private static bool IsWeb(string assembly) =>
        assembly.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
        || assembly.StartsWith("System.Net.Http", StringComparison.Ordinal);

    /// <summary>The folder right below a project's root; null for what is elsewhere or in the root itself.</summary>
    private static string? FolderOf(string? name, string root) =>
        name is not null && name.StartsWith(root, StringComparison.Ordinal) ? name[root.Length..].Split('.')[0] : null;

    [GeneratedRegex(@"^namespace (QuickPay[\w.]*);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:global )?using (?:static )?(?:\w+ = )?(QuickPay[\w.]*)", RegexOptions.Multiline)]
    private static partial Regex Using();
}
