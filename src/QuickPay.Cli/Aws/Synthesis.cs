using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws;

/// <summary>Makes the templates of an installation, by the program in <c>infra/QuickPay.Aws</c>. Needs Node.js, and no account.</summary>
internal static class Synthesis
{
    private const string Program = "QuickPay.Aws";

    /// <summary>Those that there are.</summary>
    public static readonly string[] Environments = ["dev", "prod"];

    /// <summary>Where the templates of an installation are.</summary>
    public static string FolderOf(string environment) => Path.Combine(Programs.RepositoryRoot, "infra", Program, "cdk.out", environment);

    /// <param name="environment">One of <see cref="Environments"/>.</param>
    /// <param name="folder">Emptied first.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <exception cref="LocalException">It failed; the message has what it said.</exception>
    public static async Task<Templates> RunAsync(string environment, string folder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        var (exitCode, output, errors) = await Tool.TryRunAsync(
            Programs.DotNet,
            [Programs.Find(Program), "--env", environment, "--out", folder],
            user: null,
            environment: null,
            cancellationToken
        );
        if (exitCode != 0)
        {
            throw new LocalException($"The templates of {environment} cannot be made:\n{(errors + output).Trim()}");
        }
        return Templates.Read(folder);
    }
}
