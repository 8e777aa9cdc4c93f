using System.Globalization;
using System.Text.Json.Serialization;
using Npgsql;

namespace QuickPay.Cli.Local;

/// <summary>How one role reaches PostgreSQL: the section `Postgres` of a host's settings file.</summary>
public sealed record PostgresConnection(string Hosts, string Database, string Username, string Password, string RootCertificate)
{
    /// <summary>TLS with the authority and the name verified.</summary>
    [JsonIgnore]
    public string ConnectionString
    {
        get
        {
            var colon = Hosts.LastIndexOf(':');
            return new NpgsqlConnectionStringBuilder
            {
                Host = Hosts[..colon],
                Port = int.Parse(Hosts[(colon + 1)..], CultureInfo.InvariantCulture),
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

/// <summary>How one user reaches Redis: the section `Redis` of a host's settings file.</summary>
public sealed record RedisConnection(string Endpoints, string Username, string Password, string RootCertificate);

/// <summary>The section `Tokens`.</summary>
public sealed record TokenSettings(string SigningKeyFile, string Issuer, string Audience);

/// <summary>The section `PersonalData`.</summary>
public sealed record PersonalDataSettings(string KeyFile);

/// <summary>The section `Api`.</summary>
public sealed record ApiSettings(bool DevelopmentDeposits);

/// <summary>The settings file of an API server or worker, the one that QUICKPAY_SETTINGS names. It holds passwords: mode 0600.</summary>
public sealed record HostSettingsFile(
    PostgresConnection Postgres,
    RedisConnection? Redis,
    TokenSettings? Tokens,
    PersonalDataSettings? PersonalData,
    ApiSettings? Api,
    string Urls,
    string InternalUrl
);
