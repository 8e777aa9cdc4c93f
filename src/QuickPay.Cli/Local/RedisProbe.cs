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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// True when it answers PONG to a user who logs in, or is a replica that lost its primary; false while it does not listen, loads its
    /// file or refuses us.
    /// </summary>
    public static async Task<bool> AnswersAsync(RedisConnection redis, CancellationToken cancellationToken) =>
        await TryAskAsync(redis, "PING", cancellationToken).ConfigureAwait(false) is { } answer
        && (answer == "+PONG" || answer.StartsWith("-MASTERDOWN", StringComparison.Ordinal));

    /// <summary>Logs in and asks one thing; null when nobody answers, or not in time: a frozen server still takes connections.</summary>
    public static async Task<string?> TryAskAsync(RedisConnection redis, string command, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var answers = await AskAsync(redis, [LogIn(redis), command], limit.Token).ConfigureAwait(false);
            return answers[0] == "+OK" ? answers[1] : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception notYet) when (notYet is SocketException or IOException or AuthenticationException)
        {
            return null;
        }
    }

    /// <summary>The command that a user logs in with.</summary>
    public static string LogIn(RedisConnection redis) => $"AUTH {redis.Username} {redis.Password}";

    /// <summary>
    /// Sends commands over one connection and returns the answer to each: a line as it comes (`+OK`, `-NOAUTH …`, `:3`), a text without its
    /// frame, a list as its parts with a blank between.
    /// </summary>
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
            answers.Add(await ReadAsync(reader, cancellationToken).ConfigureAwait(false));
        }
        return answers;
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? throw new EndOfStreamException();
        if (line is "$-1" or "*-1")
            return "";
        if (line.StartsWith('$'))
        {
            var text = new char[LengthIn(line)];
            if (await reader.ReadBlockAsync(text, cancellationToken).ConfigureAwait(false) < text.Length)
                throw new EndOfStreamException();
            await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            return new string(text);
        }
        if (!line.StartsWith('*'))
            return line;
        var parts = new string[LengthIn(line)];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = await ReadAsync(reader, cancellationToken).ConfigureAwait(false);
        return string.Join(' ', parts);

        static int LengthIn(string header) => int.Parse(header.AsSpan(1), CultureInfo.InvariantCulture);
    }
}
