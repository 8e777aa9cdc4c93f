using System.Security.Cryptography;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>The programs of one version, as servers and functions take them.</summary>
/// <param name="Version">The commit, and what they are: the same programs have the same name.</param>
/// <param name="Sha256">Of the servers' archive.</param>
/// <param name="Servers">A tar.gz with the API, the worker, what starts them, and the authorities of database and cache.</param>
/// <param name="Functions">A zip with the functions' executable and the database's authority.</param>
internal sealed record ProgramArchives(string Version, string Sha256, string Servers, string Functions)
{
    private const string Runtime = "linux-x64";
    private const string CacheAuthority = "https://www.amazontrust.com/repository/AmazonRootCA1.pem";
    private static readonly string[] Hosts = ["QuickPay.Api", "QuickPay.Worker"];

    /// <summary>Builds them into a folder, which is emptied first.</summary>
    /// <exception cref="LocalException">The build failed, or an authority's certificate could not be fetched.</exception>
    public static async Task<ProgramArchives> BuildAsync(string folder, string region, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        var (servers, functions) = (Path.Combine(folder, "servers"), Path.Combine(folder, "functions"));
        Directory.CreateDirectory(servers);
        Directory.CreateDirectory(functions);
        foreach (var host in Hosts)
        {
            await PublishAsync(host, Path.Combine(servers, host), cancellationToken);
        }
        await PublishAsync("QuickPay.Functions", functions, cancellationToken);
        File.Move(Path.Combine(functions, "QuickPay.Functions"), Path.Combine(functions, "bootstrap"));
        foreach (var file in new[] { "boot.sh", "agent.json" })
        {
            File.Copy(Path.Combine(Programs.RepositoryRoot, "infra/QuickPay.Aws/Service", file), Path.Combine(servers, file));
        }
        var database = $"https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem";
        await FetchAsync(database, Path.Combine(servers, "database-ca.pem"), cancellationToken);
        await FetchAsync(CacheAuthority, Path.Combine(servers, "cache-ca.pem"), cancellationToken);
        File.Copy(Path.Combine(servers, "database-ca.pem"), Path.Combine(functions, "database-ca.pem"));
        return await PackAsync(folder, servers, functions, cancellationToken);
    }

    private static async Task<ProgramArchives> PackAsync(
        string folder,
        string servers,
        string functions,
        CancellationToken cancellationToken
    )
    {
        var (tar, zip) = (Path.Combine(folder, "servers.tar.gz"), Path.Combine(folder, "functions.zip"));
        // Without times and owners, so that the same programs are the same bytes.
        await RunAsync(
            "/bin/sh",
            [
                "-c",
                "tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --directory \"$1\" . | gzip --no-name > \"$2\"",
                "pack",
                servers,
                tar,
            ],
            cancellationToken
        );
        System.IO.Compression.ZipFile.CreateFromDirectory(functions, zip);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(tar, cancellationToken)));
        var commit = await RunAsync(
            "git",
            ["-C", Programs.RepositoryRoot, "describe", "--always", "--dirty", "--exclude=*"],
            cancellationToken
        );
        return new ProgramArchives($"{commit.Trim()}-{sha256[..12]}", sha256, tar, zip);
    }

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
                "--disable-build-servers",
                "-v",
                "quiet",
                "-nologo",
            ],
            cancellationToken
        );

    private static async Task FetchAsync(string url, string file, CancellationToken cancellationToken)
    {
        await RunAsync(
            "curl",
            ["--silent", "--show-error", "--fail", "--proto", "=https", "--max-time", "30", "--output", file, url],
            cancellationToken
        );
        if (!(await File.ReadAllTextAsync(file, cancellationToken)).Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
        {
            throw new LocalException($"{url} has no certificate.");
        }
    }

    private static async Task<string> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output, errors) = await Tool.TryRunAsync(program, arguments, user: null, environment: null, cancellationToken);
        return exitCode == 0
            ? output
            : throw new LocalException($"{Path.GetFileName(program)} {arguments[0]} failed ({exitCode}):\n{(errors + output).Trim()}");
    }
}
