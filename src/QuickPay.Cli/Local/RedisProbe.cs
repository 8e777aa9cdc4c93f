using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace QuickPay.Cli.Local;

/// <summary>Questions to Redis as a client would ask them: TLS with the authority verified.</summary>
internal static class RedisProbe
{
    /// <summary>True when it answers PONG to a user who logs in; false while it does not listen, loads its file or refuses us.</summary>
    public static async Task<bool> AnswersAsync(RedisConnection redis, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(redis, [LogIn(redis), "PING"], cancellationToken).ConfigureAwait(false) is ["+OK", "+PONG"];
        }
        catch (Exception notYet) when (notYet is SocketException or IOException or AuthenticationException)
        {
            return false;
        }
    }

    /// <summary>The command that a user logs in with.</summary>
    public static string LogIn(RedisConnection redis) => $"AUTH {redis.Username} {redis.Password}";

    /// <summary>Sends commands over one connection and returns the answer to each; for commands that answer in one line.</summary>
    public static async Task<IReadOnlyList<string>> AskAsync(
        RedisConnection redis,
        IReadOnlyList<string> commands,
        CancellationToken cancellationToken
    )
    {
        var colon = redis.Endpoints.LastIndexOf(':');
        var (host, port) = (redis.Endpoints[..colon], int.Parse(redis.Endpoints[(colon + 1)..], CultureInfo.InvariantCulture));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
        using var root = X509CertificateLoader.LoadCertificateFromFile(redis.RootCertificate);
        await using var tls = new SslStream(tcp.GetStream());
        var options = new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = Certificates.TrustOnly(root) };
        await tls.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(tls, Encoding.ASCII);
        List<string> answers = [];
        foreach (var command in commands)
        {
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), cancellationToken).ConfigureAwait(false);
            answers.Add(await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? throw new EndOfStreamException());
        }
        return answers;
    }
}
