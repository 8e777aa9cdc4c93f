using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Support;

/// <summary>A document in the repository that code makes. With QUICKPAY_WRITE_DOCS=1 the tests write it instead of comparing it.</summary>
public static class CheckedInText
{
    public const string Variable = "QUICKPAY_WRITE_DOCS";

    /// <summary>Whether documents are written instead of compared.</summary>
    public static bool IsWritten => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <param name="path">From the repository's root.</param>
    /// <param name="made">What the code makes of it now.</param>
    public static async Task ShouldBeAsync(string path, string made)
    {
        var file = Path.Combine(Programs.RepositoryRoot, path);
        if (IsWritten)
        {
            await File.WriteAllTextAsync(file, made, TestContext.Current.CancellationToken);
            return;
        }
        var checkedIn = File.Exists(file) ? await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) : "";
        Assert.True(
            made == checkedIn,
            $"The code makes another {path} than the one that is checked in. If that is meant: {Variable}=1 ./quickpay test checked_in, and review the "
                + $"difference; clients depend on it. The first line that differs: {FirstDifference(made, checkedIn)}"
        );
    }

    private static string FirstDifference(string made, string checkedIn) =>
        made.Split('\n').Zip(checkedIn.Split('\n')).FirstOrDefault(lines => lines.First != lines.Second) is { First: not null } lines
            ? $"\n  made:       {lines.First}\n  checked in: {lines.Second}"
            : "(one of them is longer)";
}
