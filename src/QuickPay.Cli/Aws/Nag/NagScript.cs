using System.Text.Json;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Nag;

/// <summary>The packs themselves: <c>infra/nag</c>, which Node.js runs, with packages from npm. Nothing else of ours needs those.</summary>
internal static class NagScript
{
    private const int LastLines = 12;

    private static readonly string Folder = Path.Combine(Programs.RepositoryRoot, "infra", "nag");

    public static string SuppressionsFile { get; } = Path.Combine(Folder, "suppressions.json");

    /// <summary>Makes the templates of installations in a folder that is gone afterwards, and has packs look at them.</summary>
    /// <exception cref="LocalException">It could not be done; the message says what to do.</exception>
    public static async Task<NagScan> RunAsync(
        IReadOnlyList<string> environments,
        IReadOnlyList<string> packs,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        var (node, npm) = (Find("node", "nodejs"), Find("npm", "npm"));
        await EnsurePackagesAsync(npm, say, cancellationToken);
        var made = Directory.CreateTempSubdirectory("quickpay-nag-");
        try
        {
            say("making the templates");
            var folders = environments.Select(environment => Path.Combine(made.FullName, environment)).ToList();
            await Task.WhenAll(environments.Zip(folders, (name, folder) => Synthesis.RunAsync(name, folder, cancellationToken)));
            say("running the rule packs");
            return await RunAsync(node, packs, folders, cancellationToken);
        }
        finally
        {
            made.Delete(recursive: true);
        }
    }

    private static async Task<NagScan> RunAsync(
        string node,
        IReadOnlyList<string> packs,
        IReadOnlyList<string> folders,
        CancellationToken cancellationToken
    )
    {
        var (exitCode, output, errors) = await Tool.TryRunAsync(
            node,
            [Path.Combine(Folder, "nag.mjs"), string.Join(',', packs), .. folders],
            user: null,
            environment: null,
            cancellationToken
        );
        if (exitCode != 0)
        {
            throw new LocalException($"The rule packs could not be run:\n{Tail(errors + output)}");
        }
        try
        {
            return JsonSerializer.Deserialize(output, NagJson.Default.NagScan) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new LocalException($"The rule packs said something else than findings: {e.Message}", e);
        }
    }

    /// <summary>From the lock file and nothing else, and without running what packages bring along for their installation.</summary>
    private static async Task EnsurePackagesAsync(string npm, Action<string> say, CancellationToken cancellationToken)
    {
        // npm writes this file last: older than the lock file, or absent, means that the packages are not those of the lock file.
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        var wanted = new FileInfo(Path.Combine(Folder, "package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc)
        {
            return;
        }
        say("installing cdk-nag and what it needs from npm, some 190 MB (once)");
        var (exitCode, output, errors) = await Tool.TryRunAsync(
            npm,
            ["ci", "--prefix", Folder, "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"],
            user: null,
            environment: null,
            cancellationToken
        );
        if (exitCode != 0)
        {
            throw new LocalException(
                $"npm cannot install what {Path.GetRelativePath(Programs.RepositoryRoot, wanted.FullName)} names. It must reach npm's registry, this once; "
                    + $"`npm config get registry` says where it looks. What it said:\n{Tail(errors + output)}"
            );
        }
    }

    private static string Find(string program, string package) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists)
        ?? throw new LocalException(
            $"The command `{program}` is missing, which the rule packs need. Install it: apt-get install {package}"
        );

    private static string Tail(string text) => string.Join('\n', text.Trim().Split('\n').TakeLast(LastLines));
}
