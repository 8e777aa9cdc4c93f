using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace QuickPay.Redis;

/// <summary>
/// The server's one connection to Redis: TLS against our own authority, ACL user, fails fast, reconnects by itself.
/// Redis is never the truth about money; whoever uses it must know what to do when it is away.
/// </summary>
public sealed class RedisConnection : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;

    public RedisConnection(IOptions<RedisOptions> options, ILoggerFactory? loggers = null)
    {
        // Connecting never throws (AbortOnConnectFail is off): a server that starts while Redis is down serves what it can
        // and heals when Redis is back.
        _connection = ConnectionMultiplexer.Connect(Configure(options.Value, loggers));
        Database = _connection.GetDatabase();
    }

    /// <summary>Commands; each may throw what <see cref="IsUnavailable"/> recognises.</summary>
    public IDatabase Database { get; }

    /// <summary>Does Redis answer a PING in time? A server is ready without it: sessions seen lately are honoured from memory.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            await Database.PingAsync();
            return true;
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            return false;
        }
    }

    /// <summary>
    /// True for everything that means "Redis did not do it, or nobody knows": no connection, a timeout, a refusal by the server
    /// (loading, read-only after a failover, out of memory). False for mistakes of our own.
    /// </summary>
    public static bool IsUnavailable(Exception e) => e is RedisException or TimeoutException or ObjectDisposedException;

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    internal static ConfigurationOptions Configure(RedisOptions options, ILoggerFactory? loggers)
    {
        var configuration = new ConfigurationOptions
        {
            User = options.Username,
            Password = options.Password,
            Ssl = true,
            AbortOnConnectFail = false,
            ConnectTimeout = Math.Max(options.TimeoutMs, 1_000),
            SyncTimeout = options.TimeoutMs,
            AsyncTimeout = options.TimeoutMs,
            // Timeouts are noticed by the heartbeat only, so it has to beat faster than they are long.
            HeartbeatInterval = TimeSpan.FromMilliseconds(Math.Max(options.TimeoutMs / 2, 50)),
            // Half-open connections must not eat calls for minutes.
            KeepAlive = 2,
            ReconnectRetryPolicy = new LinearRetry(Math.Max(options.TimeoutMs / 2, 50)),
            // Queued commands would be answered long after their request has given up.
            BacklogPolicy = BacklogPolicy.FailFast,
            ConfigurationChannel = "",
            ClientName = "quickpay",
            IncludeDetailInExceptions = false,
            LoggerFactory = loggers,
        };
        foreach (var endpoint in options.Endpoints.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            configuration.EndPoints.Add(endpoint);
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(options.RootCertificate);
        configuration.SslClientAuthenticationOptions = host => new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = TrustOnly(authorities),
        };
        return configuration;
    }

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // Our own authority publishes no revocation list; its certificates are short-lived instead.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
