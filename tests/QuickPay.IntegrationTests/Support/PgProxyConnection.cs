using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace QuickPay.IntegrationTests.Support;

/// <summary>
/// One client's connection through a <see cref="PgProxy"/>. Messages of the client are kept back until the Sync that ends their pipeline, so
/// that the proxy knows whether it holds a COMMIT before any of it has left.
/// </summary>
internal sealed class PgProxyConnection(PgProxy proxy, Socket client) : IDisposable
{
    private const int SslRequest = 80877103;
    private const int GssRequest = 80877104;
    private const int CancelRequest = 80877102;

    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Dictionary<string, string> _statements = [];
    private readonly ArrayBufferWriter<byte> _pipeline = new();
    private int _commitAt = -1;
    private volatile bool _strikeAfterCommit;
    private Strike _strike;

    /// <summary>Until either side ends, or the connection is cut.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await proxy.PassAsync(cancellationToken);
        client.NoDelay = true;
        await using var plain = new NetworkStream(client);
        await using var fromClient = await AcceptAsync(plain, cancellationToken);
        var clientReader = new PgProxyReader(fromClient);
        var first = await clientReader.TakeFirstAsync(cancellationToken);
        if (first.IsEmpty)
        {
            return;
        }
        await _server.ConnectAsync(proxy.Server, cancellationToken);
        await using var serverPlain = new NetworkStream(_server);
        await using var toServer = await ConnectAsync(serverPlain, cancellationToken);
        await toServer.WriteAsync(first, cancellationToken);
        if (BinaryPrimitives.ReadInt32BigEndian(first.Span[4..]) == CancelRequest)
        {
            proxy.CountCancelRequest();
        }
        var pumps = new[]
        {
            PumpClientAsync(clientReader, toServer, cancellationToken),
            PumpServerAsync(toServer, fromClient, cancellationToken),
        };
        await Task.WhenAny(pumps);
        Dispose();
        await Task.WhenAll(pumps);
    }

    /// <summary>Cuts both sides at once.</summary>
    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
    }

    private async Task<SslStream> AcceptAsync(NetworkStream plain, CancellationToken cancellationToken)
    {
        var request = new byte[8];
        while (true)
        {
            await plain.ReadExactlyAsync(request, cancellationToken);
            switch (BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4)))
            {
                case GssRequest:
                    await plain.WriteAsync("N"u8.ToArray(), cancellationToken);
                    break;
                case SslRequest:
                    await plain.WriteAsync("S"u8.ToArray(), cancellationToken);
                    var tls = new SslStream(plain);
                    await tls.AuthenticateAsServerAsync(
                        new SslServerAuthenticationOptions { ServerCertificate = proxy.Certificate },
                        cancellationToken
                    );
                    return tls;
                default:
                    throw new IOException("The client does not begin with TLS.");
            }
        }
    }

    private async Task<SslStream> ConnectAsync(NetworkStream plain, CancellationToken cancellationToken)
    {
        var request = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(request, 8);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(4), SslRequest);
        await plain.WriteAsync(request, cancellationToken);
        await plain.ReadExactlyAsync(request.AsMemory(0, 1), cancellationToken);
        var tls = new SslStream(plain);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = proxy.Server.Address.ToString(),
                CertificateChainPolicy = proxy.TrustOnlyAuthority(),
            },
            cancellationToken
        );
        return tls;
    }

    private async Task PumpClientAsync(PgProxyReader from, Stream to, CancellationToken cancellationToken)
    {
        do
        {
            while (from.TryTake(out var message))
            {
                if (IsCommit(message.Span))
                {
                    _commitAt = _pipeline.WrittenCount;
                }
                _pipeline.Write(message.Span);
                // Parse, Bind, Describe, Execute and Close wait for their Sync; everything else goes on at once.
                if (message.Span[0] is not ((byte)'P' or (byte)'B' or (byte)'D' or (byte)'E' or (byte)'C'))
                {
                    await ForwardPipelineAsync(to, cancellationToken);
                }
            }
        } while (await from.FillAsync(cancellationToken));
    }

    private async Task ForwardPipelineAsync(Stream to, CancellationToken cancellationToken)
    {
        await proxy.PassAsync(cancellationToken);
        var strike = _commitAt >= 0 ? proxy.NextCommit() : default;
        var pipeline = _pipeline.WrittenMemory;
        switch (strike.At)
        {
            case StrikeAt.BeforeWrites:
                await StrikeAsync(strike, cancellationToken);
                await to.WriteAsync(pipeline, cancellationToken);
                break;
            case StrikeAt.BeforeCommit:
                await to.WriteAsync(pipeline[.._commitAt], cancellationToken);
                await StrikeAsync(strike, cancellationToken);
                await to.WriteAsync(pipeline[_commitAt..], cancellationToken);
                break;
            case StrikeAt.WhileCommitting:
                await to.WriteAsync(pipeline, cancellationToken);
                await StrikeAsync(strike, cancellationToken);
                break;
            case StrikeAt.AfterCommit:
                (_strike, _strikeAfterCommit) = (strike, true);
                await to.WriteAsync(pipeline, cancellationToken);
                break;
            default:
                await to.WriteAsync(pipeline, cancellationToken);
                break;
        }
        _pipeline.ResetWrittenCount();
        _commitAt = -1;
    }

    private async Task PumpServerAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var reader = new PgProxyReader(from);
        var passing = new ArrayBufferWriter<byte>();
        do
        {
            while (reader.TryTake(out var message))
            {
                if (_strikeAfterCommit && IsCommitComplete(message.Span))
                {
                    _strikeAfterCommit = false;
                    await StrikeAsync(_strike, cancellationToken);
                }
                passing.Write(message.Span);
            }
            await proxy.PassAsync(cancellationToken);
            await to.WriteAsync(passing.WrittenMemory, cancellationToken);
            passing.ResetWrittenCount();
        } while (await reader.FillAsync(cancellationToken));
    }

    private async Task StrikeAsync(Strike strike, CancellationToken cancellationToken)
    {
        if (strike.Freezes)
        {
            await proxy.FreezeAsync(strike.At).WaitAsync(cancellationToken);
            return;
        }
        Dispose();
        proxy.CountStrike(strike.At);
        throw new IOException($"Cut {strike.At}.");
    }

    /// <summary>
    /// A Bind of COMMIT, or COMMIT as a plain query. Which text a statement's name stands for was said by its Parse, once, maybe long ago.
    /// </summary>
    private bool IsCommit(ReadOnlySpan<byte> message)
    {
        var body = message[5..];
        switch ((char)message[0])
        {
            case 'P':
                _statements[TakeText(ref body)] = TakeText(ref body);
                return false;
            case 'B':
                TakeText(ref body);
                return IsCommit(_statements.GetValueOrDefault(TakeText(ref body), ""));
            case 'Q':
                return IsCommit(TakeText(ref body));
            default:
                return false;
        }
    }

    private static bool IsCommit(string sql) => sql.Equals("COMMIT", StringComparison.OrdinalIgnoreCase);

    private static bool IsCommitComplete(ReadOnlySpan<byte> message) => message[0] == 'C' && message[5..].SequenceEqual("COMMIT\0"u8);

    private static string TakeText(ref ReadOnlySpan<byte> body)
    {
        var length = body.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(body[..length]);
        body = body[(length + 1)..];
        return text;
    }
}
