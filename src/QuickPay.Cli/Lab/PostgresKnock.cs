using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Lab;

/// <summary>
/// The first two messages to PostgreSQL, from an address of our choice, which no driver offers: TLS, then who wants to come in. The answer
/// is pg_hba.conf's: how to prove it, or a refusal.
/// </summary>
internal static class PostgresKnock
{
    private const int TlsRequest = 80877103;
    private const int ProtocolVersion3 = 3 << 16;
    private const int ReplyBytesMax = 4096;

    /// <summary>What PostgreSQL said: a refusal with its reason, or that it asks for a proof.</summary>
    public sealed record Reply(bool Refused, string Text);

    public static async Task<Reply> AskAsync(
        PostgresServer postgres,
        string role,
        string database,
        IPAddress from,
        CancellationToken cancellationToken
    )
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, postgres.Port), cancellationToken);
        await using var plain = new NetworkStream(socket);
        await plain.WriteAsync(Message(TlsRequest, []), cancellationToken);
        var willing = new byte[1];
        await plain.ReadExactlyAsync(willing, cancellationToken);
        LabReport.Require(willing[0] == 'S', "it does not speak TLS");

        using var root = X509CertificateLoader.LoadCertificateFromFile(postgres.Connection(role).RootCertificate);
        await using var tls = new SslStream(plain);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "127.0.0.1",
            CertificateChainPolicy = Certificates.TrustOnly(root),
        };
        await tls.AuthenticateAsClientAsync(options, cancellationToken);
        await tls.WriteAsync(
            Message(ProtocolVersion3, Encoding.ASCII.GetBytes($"user\0{role}\0database\0{database}\0\0")),
            cancellationToken
        );

        var head = new byte[5];
        await tls.ReadExactlyAsync(head, cancellationToken);
        var body = new byte[Math.Clamp(BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4, 0, ReplyBytesMax)];
        await tls.ReadExactlyAsync(body, cancellationToken);
        return (char)head[0] switch
        {
            'E' => new Reply(true, MessageOf(body)),
            'R' => new Reply(false, "it asks for a proof"),
            var other => throw new BrokenPromiseException($"it answers '{other}'"),
        };
    }

    private static byte[] Message(int code, byte[] rest)
    {
        var message = new byte[8 + rest.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), code);
        rest.CopyTo(message, 8);
        return message;
    }

    /// <summary>Fields are a letter and a text each: C is the SQLSTATE, M the message.</summary>
    private static string MessageOf(byte[] body)
    {
        var fields = Encoding
            .UTF8.GetString(body)
            .Split('\0')
            .Where(field => field.Length > 0)
            .ToLookup(field => field[0], field => field[1..]);
        return $"{fields['C'].FirstOrDefault()} {fields['M'].FirstOrDefault()}";
    }
}
