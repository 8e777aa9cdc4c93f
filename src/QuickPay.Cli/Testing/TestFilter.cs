using QuickPay.Cli.Local;

namespace QuickPay.Cli.Testing;

/// <summary>
/// What FILTER on the command line means, in the runner's words. A folder of tests comes first: `edge` is meant to be the edge's tests,
/// and not every test with "ledger" or "acknowledged" in its name.
/// </summary>
internal static class TestFilter
{
    /// <summary>Arguments for one test project; null when the filter selects nothing in it.</summary>
    /// <param name="project">The project's name, which is its folder below `tests` and its root namespace.</param>
    /// <param name="filter">A folder such as `edge` or `edge/limits`, a trait as NAME=VALUE, or part of a full name.</param>
    /// <param name="projects">All test projects: a word that is a folder in one of them is a folder everywhere.</param>
    public static IReadOnlyList<string>? For(string project, string? filter, IReadOnlyList<string> projects)
    {
        if (filter is null)
            return [];
        if (filter.Contains('='))
            return ["-trait", filter];
        if (projects.Any(each => NamespaceOf(each, filter) is not null))
            return NamespaceOf(project, filter) is { } found ? ["-namespace", found, "-namespace", $"{found}.*"] : null;
        // Test names are sentences with underscores; a filter may be typed as a sentence.
        return ["-method", $"*{filter.Trim('*').Replace(' ', '_')}*"];
    }

    private static string? NamespaceOf(string project, string filter)
    {
        var folder = Path.Combine(Programs.RepositoryRoot, "tests", project);
        var name = project;
        foreach (var part in filter.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Directory.Exists(folder)
                ? Directory.EnumerateDirectories(folder).FirstOrDefault(path => IsNamed(Path.GetFileName(path), part))
                : null;
            if (next is null)
                return null;
            (folder, name) = (next, $"{name}.{Path.GetFileName(next)}");
        }
        return name == project ? null : name;
    }

    private static bool IsNamed(string folder, string part) => folder.Equals(part, StringComparison.OrdinalIgnoreCase);
}
