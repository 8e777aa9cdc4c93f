using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace QuickPay.Cli.Local;

/// <summary>One question to Redis as a client would ask it: TLS with the authority verified, AUTH, PING.</summary>
internal static class RedisProbe
{
    /// <summary>True when it answers PONG; false while it does not listen, loads its file or refuses us.</summary>
    public static async Task<bool> AnswersAsync(RedisConnection redis, CancellationToken cancellationToken)
    {
        try
        {
            var (host, port) = (
                redis.Endpoints[..redis.Endpoints.LastIndexOf(':')],
                redis.Endpoints[(redis.Endpoints.LastIndexOf(':') + 1)..]
            );
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(host, int.Parse(port, CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
            using var root = X509CertificateLoader.LoadCertificateFromFile(redis.RootCertificate);
            await using var tls = new SslStream(tcp.GetStream());
            var options = new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = Certificates.TrustOnly(root) };
            await tls.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {redis.Username} {redis.Password}\r\nPING\r\n"), cancellationToken)
                .ConfigureAwait(false);
            using var reader = new StreamReader(tls, Encoding.ASCII);
            var login = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            return login == "+OK" && await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) == "+PONG";
        }
        catch (Exception notYet) when (notYet is SocketException or IOException or AuthenticationException)
        {
            return false;
        }
    }
}
