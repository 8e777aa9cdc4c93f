using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>The certificates by which hosts know that a database or a cache is AWS's. They are fetched anew with each version: AWS changes them.</summary>
internal static class Authorities
{
    /// <summary>Amazon's root, which ElastiCache's certificates hang from.</summary>
    public const string Cache = "https://www.amazontrust.com/repository/AmazonRootCA1.pem";

    /// <summary>RDS's own, of one region.</summary>
    public static string Database(string region) => $"https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem";

    /// <summary>Those of the databases of several regions, in one file: each region has its own.</summary>
    /// <exception cref="LocalException">One could not be fetched, or is none.</exception>
    public static async Task FetchDatabasesAsync(IEnumerable<string> regions, string file, CancellationToken cancellationToken)
    {
        var all = new List<string>();
        foreach (var region in regions)
        {
            await FetchAsync(Database(region), file, cancellationToken);
            all.Add(await File.ReadAllTextAsync(file, cancellationToken));
        }
        await File.WriteAllTextAsync(file, string.Join('\n', all), cancellationToken);
    }

    /// <exception cref="LocalException">It could not be fetched, or is none.</exception>
    public static async Task FetchAsync(string url, string file, CancellationToken cancellationToken)
    {
        var (exitCode, _, errors) = await Tool.TryRunAsync(
            "curl",
            ["--silent", "--show-error", "--fail", "--proto", "=https", "--max-time", "30", "--output", file, url],
            user: null,
            environment: null,
            cancellationToken
        );
        if (exitCode != 0)
        {
            throw new LocalException(
                $"The certificates at {url}, by which servers know the database or the cache, cannot be fetched. Nothing was handed over. {errors.Trim()}"
            );
        }
        Check(url, await File.ReadAllTextAsync(file, cancellationToken));
    }

    public static void Check(string url, string text)
    {
        if (!text.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
        {
            throw new LocalException($"{url} has no certificate: look whether something stands between this machine and AWS.");
        }
    }
}
