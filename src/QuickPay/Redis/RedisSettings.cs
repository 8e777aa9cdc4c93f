using System.Net.Security;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using QuickPay.Security;
using StackExchange.Redis;

namespace QuickPay.Redis;

/// <summary>How StackExchange.Redis is told to connect: TLS against our own authority, ACL user, failing fast.</summary>
internal static class RedisSettings
{
    // All that a host may do at a sentinel. Without SUBSCRIBE no second connection is opened for it.
    private static readonly CommandMap AtSentinel = CommandMap.Create(["AUTH", "CLIENT", "INFO", "PING", "SENTINEL"], available: true);

    public static IReadOnlyList<string> EndpointsIn(RedisOptions options) =>
        options.Endpoints.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>To a sentinel, with the same user, password and authority.</summary>
    public static ConfigurationOptions ForSentinel(RedisOptions options, string endpoint, ILoggerFactory? loggers)
    {
        var configuration = For(options, [endpoint], options.TimeoutMs, loggers);
        configuration.CommandMap = AtSentinel;
        return configuration;
    }

    /// <param name="timeoutMs">When a command has failed.</param>
    public static ConfigurationOptions For(RedisOptions options, IEnumerable<string> endpoints, int timeoutMs, ILoggerFactory? loggers)
    {
        var configuration = new ConfigurationOptions
        {
            User = options.Username,
            Ssl = true,
            // Connecting never throws: a server that starts while Redis is down serves what it can and heals when Redis is back.
            AbortOnConnectFail = false,
            ConnectTimeout = Math.Max(options.TimeoutMs, 1_000),
            SyncTimeout = timeoutMs,
            AsyncTimeout = timeoutMs,
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
        if (options.PasswordFile.Length > 0)
        {
            configuration.Defaults = new PasswordOfFile(options.PasswordFile);
        }
        else
        {
            configuration.Password = options.Password;
        }
        foreach (var endpoint in endpoints)
        {
            configuration.EndPoints.Add(endpoint);
        }

        configuration.SslClientAuthenticationOptions = host => new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = PrivateAuthority.Only(options.RootCertificate),
        };
        return configuration;
    }
}
