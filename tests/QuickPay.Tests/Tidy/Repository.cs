namespace QuickPay.Tests.Tidy;

/// <summary>The repository that these tests were built from, without what is built or installed into it.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["artifacts", "node_modules", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths from the root, with slashes, of the files whose name ends so.</summary>
    public static IEnumerable<string> Files(string folder, string ending) =>
        Directory
            .EnumerateDirectories(Path.Combine(Root, folder))
            .Where(IsOurs)
            .SelectMany(child => Files(Path.GetRelativePath(Root, child), ending))
            .Concat(
                Directory
                    .EnumerateFiles(Path.Combine(Root, folder))
                    .Where(file => file.EndsWith(ending, StringComparison.Ordinal))
                    .Select(file => Path.GetRelativePath(Root, file))
            )
            .Order(StringComparer.Ordinal);

    public static IEnumerable<string> Files(string ending) => Files(".", ending);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static bool IsOurs(string folder) =>
        Path.GetFileName(folder) is var name && !name.StartsWith('.') && !NotOurs.Contains(name, StringComparer.Ordinal);

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "QuickPay.slnx")))
            {
                return folder;
            }
        }
        throw new InvalidOperationException($"No QuickPay.slnx above {AppContext.BaseDirectory}: these tests read the sources.");
    }
}
