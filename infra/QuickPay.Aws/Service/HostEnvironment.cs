using QuickPay.Aws.Data;
using QuickPay.Aws.Edge;
using QuickPay.Aws.Network;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Service;

/// <summary>
/// What a host is told: settings by the names of docs/settings.md, as environment variables. Secrets are named here and fetched by the instance
/// itself, again and again, into files of <see cref="Files"/>, so that no template has one and a host reads the one of now.
/// </summary>
/// <param name="Variables">Name to value.</param>
/// <param name="Secrets">Name of a file to the secret whose text is in it, and behind a blank which of its versions: the one that counts, or another stage.</param>
/// <param name="Logins">For which the instance signs tokens into the file of passwords.</param>
internal sealed record HostEnvironment(
    IReadOnlyDictionary<string, string> Variables,
    IReadOnlyDictionary<string, string> Secrets,
    IReadOnlyList<DatabaseLogin> Logins
)
{
    /// <summary>The authorities of RDS and ElastiCache come with the programs.</summary>
    private const string DatabaseAuthority = "/opt/quickpay/database-ca.pem";

    /// <inheritdoc cref="DatabaseAuthority" />
    private const string CacheAuthority = "/opt/quickpay/cache-ca.pem";

    /// <summary>Where <c>boot.sh</c> writes them; in memory.</summary>
    private const string Files = "/run/quickpay/";
    private const string Passwords = "passwords";
    private const string Redis = "redis";
    private const string TokenKey = "token-key";
    private const string NextTokenKey = "token-key-next";
    private const string TokenKeyBefore = "token-key-before";
    private const string PersonalDataKey = "personal-data-key";

    private const int WorkerPort = 9091;

    public static HostEnvironment OfApi(EnvironmentSettings settings, Stores stores, EdgeStack edge)
    {
        var variables = Common(settings, stores, "qp_api");
        variables["Urls"] = $"http://0.0.0.0:{SecurityGroups.ApiPort}";
        variables["Postgres__Replicas__StatisticsUsername"] = "qp_stats";
        foreach (var (use, number) in new[] { ("History", 0), ("Statistics", 1), ("Reports", 2) })
        {
            if (number < stores.Replicas.Count)
            {
                variables[$"Postgres__Replicas__{use}"] = $"{stores.Replicas[number]}:{SecurityGroups.DatabasePort}";
            }
        }
        variables["Tokens__Issuer"] = $"https://{edge.Domain.ValueAsString}";
        variables["Tokens__Audience"] = "quickpay";
        variables["Tokens__SigningKeyFile"] = Files + TokenKey;
        // While there is one key, it is in all three.
        variables["Tokens__AlsoBelievedKeyFiles"] = $"{Files}{NextTokenKey},{Files}{TokenKeyBefore}";
        variables["PersonalData__KeyFile"] = Files + PersonalDataKey;
        if (stores.MayBeStandby)
        {
            variables["Postgres__MayBeStandby"] = "true";
        }
        return new HostEnvironment(
            variables,
            new Dictionary<string, string>
            {
                [Redis] = stores.Secret(Redis),
                // In this order: at no moment one is missing that somebody signs with.
                [TokenKeyBefore] = $"{stores.Secret(TokenKey)} AWSPREVIOUS",
                [NextTokenKey] = $"{stores.Secret(TokenKey)} AWSPENDING",
                [TokenKey] = stores.Secret(TokenKey),
                [PersonalDataKey] = stores.Secret(PersonalDataKey),
            },
            DatabaseLogin.OfApi(stores.Database, stores.Replicas)
        );
    }

    public static HostEnvironment OfWorker(EnvironmentSettings settings, Stores stores)
    {
        var variables = Common(settings, stores, "qp_worker");
        variables["InternalUrl"] = $"http://127.0.0.1:{WorkerPort}";
        return new HostEnvironment(
            variables,
            new Dictionary<string, string> { [Redis] = stores.Secret(Redis) },
            DatabaseLogin.OfWorker(stores.Database)
        );
    }

    private static Dictionary<string, string> Common(EnvironmentSettings settings, Stores stores, string role) =>
        new()
        {
            ["Postgres__Hosts"] = $"{stores.Database}:{SecurityGroups.DatabasePort}",
            ["Postgres__Database"] = Database.Name,
            ["Postgres__Username"] = role,
            ["Postgres__PasswordFile"] = Files + Passwords,
            ["Postgres__RootCertificate"] = DatabaseAuthority,
            ["Redis__Endpoints"] = $"{stores.Cache.Group.AttrPrimaryEndPointAddress}:{SecurityGroups.CachePort}",
            // ElastiCache with a password and without users of its own knows this one.
            ["Redis__Username"] = "default",
            ["Redis__PasswordFile"] = Files + Redis,
            ["Redis__RootCertificate"] = CacheAuthority,
            // The agent on the instance, which hands them to X-Ray.
            ["Tracing__Endpoint"] = "http://127.0.0.1:4318",
            // As many as the case study pays for: of fifty transfers one, each of which takes three requests.
            ["Tracing__SampleRatio"] = "0.0067",
            // With a single one, log-ins would wait for as long as it is being replaced, or has become the primary.
            ["Redis__ReplicasToAwait"] = settings.Cache.Replicas > 1 ? "1" : "0",
        };
}
