using System.Globalization;
using System.Text.Json.Serialization;
using Npgsql;

namespace QuickPay.Cli.Local;

/// <summary>How one role reaches PostgreSQL: the section `Postgres` of a host's settings file.</summary>
public sealed record PostgresConnection(string Hosts, string Database, string Username, string Password, string RootCertificate)
{
    /// <summary>All connections of one process together; null: as many as it takes by itself.</summary>
    public int? ConnectionsMax { get; init; }

    /// <summary>Where an API server reads what need not come from the primary; null: it is none.</summary>
    public ReplicaSettings? Replicas { get; init; }

    /// <summary>TLS with the authority and the name verified.</summary>
    [JsonIgnore]
    public string ConnectionString
    {
        get
        {
            var several = Hosts.Contains(',', StringComparison.Ordinal);
            var colon = Hosts.LastIndexOf(':');
            return new NpgsqlConnectionStringBuilder
            {
                Host = several ? Hosts : Hosts[..colon],
                Port = several ? NpgsqlConnection.DefaultPort : int.Parse(Hosts[(colon + 1)..], CultureInfo.InvariantCulture),
                Database = Database,
                Username = Username,
                Password = Password,
                SslMode = SslMode.VerifyFull,
                RootCertificate = RootCertificate,
                IncludeErrorDetail = true,
            }.ConnectionString;
        }
    }
}

/// <summary>The section `Postgres:Replicas`: the role of statistics, and a replica for each kind of read; empty: the primary.</summary>
public sealed record ReplicaSettings(string StatisticsUsername, string StatisticsPassword)
{
    public string History { get; init; } = "";

    public string Statistics { get; init; } = "";

    public string Reports { get; init; } = "";

    internal static ReplicaSettings None(Secrets secrets) => new(PostgresRoles.Statistics, secrets.PasswordOf(PostgresRoles.Statistics));
}

/// <summary>How one user reaches Redis: the section `Redis` of a host's settings file.</summary>
public sealed record RedisConnection(string Endpoints, string Username, string Password, string RootCertificate)
{
    /// <summary>Not empty: the endpoints are sentinels, which know the primary by this name.</summary>
    public string SentinelService { get; init; } = "";

    /// <summary>Replicas that must have a change of a session before it is answered.</summary>
    public int ReplicasToAwait { get; init; }
}

/// <summary>The section `Tokens`.</summary>
public sealed record TokenSettings(string SigningKeyFile, string Issuer, string Audience)
{
    internal const string LocalIssuer = "https://quickpay.local";
    internal const string LocalAudience = "quickpay";
}

/// <summary>The section `PersonalData`.</summary>
public sealed record PersonalDataSettings(string KeyFile);

/// <summary>The section `Api`.</summary>
public sealed record ApiSettings(bool DevelopmentDeposits, bool LogRequests = false);

/// <summary>The section `Rates`.</summary>
public sealed record RateSettings(string Source, string File)
{
    /// <summary>Invented figures, beside the worker's program: nobody's machine needs a way outside to try this.</summary>
    public static RateSettings Sample() =>
        new("file", Path.Combine(Path.GetDirectoryName(Programs.Find("QuickPay.Worker"))!, "Rates", "sample-rates.xml"));
}

/// <summary>The section `Kestrel`, as ASP.NET Core reads it.</summary>
public sealed record KestrelSettings(KestrelCertificates Certificates)
{
    public static KestrelSettings With(string certificateFile, string keyFile) =>
        new(new KestrelCertificates(new KestrelCertificate(certificateFile, keyFile)));
}

/// <summary>See <see cref="KestrelSettings"/>.</summary>
public sealed record KestrelCertificates(KestrelCertificate Default);

/// <summary>Two PEM files.</summary>
public sealed record KestrelCertificate(string Path, string KeyPath);

/// <summary>What a host is told by the file that QUICKPAY_SETTINGS names, and where it is then. It holds passwords: mode 0600.</summary>
public interface IHostSettings
{
    /// <summary>Where its clients come in.</summary>
    string Address { get; }

    /// <summary>Where it answers `/health/ready` in plain HTTP.</summary>
    string HealthUrl { get; }
}

/// <summary>The settings file of an API server or worker.</summary>
public sealed record HostSettingsFile(
    PostgresConnection Postgres,
    RedisConnection? Redis,
    TokenSettings? Tokens,
    PersonalDataSettings? PersonalData,
    ApiSettings? Api,
    string Urls,
    string InternalUrl
) : IHostSettings
{
    /// <summary>The certificate for `Urls` in TLS.</summary>
    public KestrelSettings? Kestrel { get; init; }

    /// <summary>Where a worker gets exchange rates from.</summary>
    public RateSettings? Rates { get; init; }

    [JsonIgnore]
    public string Address => Urls;

    [JsonIgnore]
    public string HealthUrl => Urls;
}
