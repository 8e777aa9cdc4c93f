using System.Text;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>What the lock files of the sources say: a publishing reads them, and writes none.</summary>
internal static class LockFiles
{
    /// <summary>By project, each byte as a character.</summary>
    public static IReadOnlyDictionary<string, string> Read() =>
        Directory
            .GetDirectories(Path.Combine(Programs.RepositoryRoot, "src"))
            .ToDictionary(
                project => Path.GetFileName(project),
                project => Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(project, "packages.lock.json")))
            );
}
