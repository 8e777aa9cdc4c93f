using System.Security.Cryptography;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>The programs of one version, as servers and functions take them.</summary>
/// <param name="Version">The commit, and what all of them are: the same programs have the same name.</param>
/// <param name="Sha256">Of the servers' archive.</param>
/// <param name="Servers">A tar.gz with the API, the worker, what starts them, and the authorities of database and cache.</param>
/// <param name="Functions">A zip with the functions' executable and the database's authority.</param>
internal sealed record ProgramArchives(string Version, string Sha256, string Servers, string Functions)
{
    /// <summary>What they run on.</summary>
    public const string Runtime = "linux-x64";

    private const string DatabaseAuthority = "database-ca.pem";
    private const string FunctionsProgram = "QuickPay.Functions";
    private static readonly string[] Hosts = ["QuickPay.Api", "QuickPay.Worker"];

    /// <summary>The projects that are published.</summary>
    public static IReadOnlyList<string> Projects => [.. Hosts, FunctionsProgram];

    /// <summary>Builds them into a folder, which is emptied first.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="regions">Whose databases they are to know.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LocalException">The build failed, or an authority's certificate could not be fetched.</exception>
    public static async Task<ProgramArchives> BuildAsync(string folder, IReadOnlyList<string> regions, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        var (servers, functions) = (Path.Combine(folder, "servers"), Path.Combine(folder, "functions"));
        Directory.CreateDirectory(servers);
        // First: without it nothing has to be built.
        await Authorities.FetchDatabasesAsync(regions, Path.Combine(servers, DatabaseAuthority), cancellationToken);
        await Authorities.FetchAsync(Authorities.Cache, Path.Combine(servers, "cache-ca.pem"), cancellationToken);
        foreach (var host in Hosts)
        {
            await PublishAsync(host, Path.Combine(servers, host), cancellationToken);
        }
        foreach (var file in new[] { "boot.sh", "agent.json" })
        {
            File.Copy(Path.Combine(Programs.RepositoryRoot, "infra/QuickPay.Aws/Service", file), Path.Combine(servers, file));
        }
        await GatherFunctionsAsync(functions, Path.Combine(servers, DatabaseAuthority), cancellationToken);
        return Pack(folder, servers, functions, await CommitAsync(cancellationToken));
    }

    /// <summary>Publishes the functions' program as Lambda starts it.</summary>
    public static async Task GatherFunctionsAsync(string functions, string authority, CancellationToken cancellationToken)
    {
        await PublishAsync(FunctionsProgram, functions, cancellationToken);
        File.Move(Path.Combine(functions, FunctionsProgram), Path.Combine(functions, "bootstrap"));
        File.Copy(authority, Path.Combine(functions, DatabaseAuthority));
    }

    /// <param name="folder">Where the archives go.</param>
    /// <param name="servers">All that servers take.</param>
    /// <param name="functions">All that functions take.</param>
    /// <param name="commit">What it was made from.</param>
    public static ProgramArchives Pack(string folder, string servers, string functions, string commit)
    {
        var (tar, zip) = (Path.Combine(folder, "servers.tar.gz"), Path.Combine(folder, "functions.zip"));
        Archive.Tar(servers, tar);
        Archive.Zip(functions, zip);
        var (ofServers, ofFunctions) = (HashOf(tar), HashOf(zip));
        // Of both: a function that was changed alone is a new version, too.
        var both = Convert.ToHexStringLower(SHA256.HashData([.. ofServers, .. ofFunctions]));
        return new ProgramArchives($"{commit}-{both[..12]}", Convert.ToHexStringLower(ofServers), tar, zip);
    }

    private static byte[] HashOf(string file)
    {
        using var stream = File.OpenRead(file);
        return SHA256.HashData(stream);
    }

    private static async Task<string> CommitAsync(CancellationToken cancellationToken) =>
        (
            await RunAsync("git", ["-C", Programs.RepositoryRoot, "describe", "--always", "--dirty", "--exclude=*"], cancellationToken)
        ).Trim();

    private static Task<string> PublishAsync(string project, string to, CancellationToken cancellationToken) =>
        RunAsync(
            Programs.DotNet,
            [
                "publish",
                Path.Combine(Programs.RepositoryRoot, "src", project),
                "--configuration",
                "Release",
                "--runtime",
                Runtime,
                "--self-contained",
                "--output",
                to,
                // What is deployed has the versions that were tested: those of the lock files, which are read and never written.
                "-p:RestoreLockedMode=true",
                "--disable-build-servers",
                "-v",
                "quiet",
                "-nologo",
            ],
            cancellationToken
        );

    private static async Task<string> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output, errors) = await Tool.TryRunAsync(program, arguments, user: null, environment: null, cancellationToken);
        return exitCode == 0
            ? output
            : throw new LocalException($"{Path.GetFileName(program)} {arguments[0]} failed ({exitCode}):\n{(errors + output).Trim()}");
    }
}
