using QuickPay.Cli.Local;

namespace QuickPay.Bench.Targets;

/// <summary>Node and the baseline's packages: installed when missing, from the lock file and nothing else.</summary>
internal static class NodePackages
{
    /// <returns>The path of node.</returns>
    public static async Task<string> EnsureAsync(string folder, DataFolder data, CancellationToken cancellationToken)
    {
        var node = Find("node");
        var npm = Find("npm");
        if (node is null || npm is null)
        {
            await InstallAsync(cancellationToken);
            node = Find("node") ?? throw Missing();
            npm = Find("npm") ?? throw Missing();
        }

        // npm writes this file last: older than the lock file, or absent, means that the packages are not those of the lock file.
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        var wanted = new FileInfo(Path.Combine(folder, "package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < wanted.LastWriteTimeUtc)
        {
            var log = LogFile.Begin(data.Logs, "npm");
            var process = await ChildProcess.StartAsync(new ChildStart(npm, ["ci"]) { LogFile = log, WorkingFolder = folder });
            if (await process.Exited.WaitAsync(cancellationToken) != 0)
            {
                throw new BenchException($"npm ci failed in {folder}:\n{LogFile.Tail(log)}");
            }
        }

        return node;
    }

    private static async Task InstallAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw Missing();
        }

        await Tool.RunAsync(
            "/usr/bin/apt-get",
            ["install", "-y", "--no-install-recommends", "nodejs", "npm"],
            null,
            null,
            cancellationToken
        );
    }

    private static BenchException Missing() => new("Node is missing, which the Express baseline needs: apt-get install nodejs npm");

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
