using System.CommandLine;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class SharedOptions
{
    public static Option<string?> Data() =>
        new("--data")
        {
            Description = "Where this copy keeps its data (default: $QUICKPAY_DATA, else .quickpay in the repository)",
            HelpName = "folder",
        };

    public static Option<bool> Json() => new("--json") { Description = "JSON alone on standard output; progress on standard error" };

    public static DataFolder DataFolderFrom(string? option) =>
        DataFolder.At(
            option is { Length: > 0 } ? option
            : Environment.GetEnvironmentVariable("QUICKPAY_DATA") is { Length: > 0 } fromEnvironment ? fromEnvironment
            : Path.Combine(Programs.RepositoryRoot, ".quickpay")
        );
}
