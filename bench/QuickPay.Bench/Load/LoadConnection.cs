using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace QuickPay.Bench.Load;

/// <summary>One keep-alive connection with its buffers and the one request that may be under way on it.</summary>
internal sealed class LoadConnection(int index) : IDisposable
{
    private const int ReceiveBufferSize = 16_384;

    private readonly byte[] _raw = new byte[ReceiveBufferSize];
    private readonly byte[] _plainRequest = new byte[RequestWriter.BufferSize];
    private Socket? _socket;
    private TlsChannel? _tls;

    public int Index => index;
    public int Descriptor { get; private set; } = -1;
    public bool IsOpen => _socket is not null;
    public bool IsBusy { get; set; }

    /// <summary>It stands on the loop's stack of free connections (also when it was lost meanwhile: the loop skips it then).</summary>
    public bool IsFree { get; set; }

    public LoadRequest Request { get; set; }

    /// <summary>The version of the account that its client had seen when it asked: no answer may show less.</summary>
    public long Floor { get; private set; }
    public long IntendedTicks { get; set; }
    public long SentTicks { get; set; }

    /// <summary>What goes onto the wire; TLS adds its frame.</summary>
    public byte[] SendBuffer { get; } = new byte[RequestWriter.BufferSize + 256];
    public int SendLength { get; set; }
    public int SendOffset { get; set; }

    public byte[] ReceiveBuffer { get; } = new byte[ReceiveBufferSize];
    public int Received { get; set; }

    /// <summary>Connects; false when nobody listens.</summary>
    public bool TryOpen(LoadWay way)
    {
        var socket = new Socket(way.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (way.SourceOf(index) is { } source)
            {
                socket.Bind(new IPEndPoint(source, 0));
            }

            socket.Connect(way.Endpoint);
            _tls = way.Authority is null ? null : new TlsChannel(socket, way.Host.Split(':')[0], way.Authority, ReceiveBufferSize);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            socket.Dispose();
            return false;
        }
        catch (AuthenticationException e)
        {
            socket.Dispose();
            throw new BenchException($"{way.Host} shows a certificate that is not believed: {e.Message}");
        }

        socket.Blocking = false;
        _socket = socket;
        Descriptor = (int)socket.Handle;
        (Received, SendLength, SendOffset, IsBusy) = (0, 0, 0, false);
        return true;
    }

    /// <summary>Puts a request into the send buffer.</summary>
    public void Prepare(RequestWriter writer, ClientMemory? memory)
    {
        var wallet = memory?.Of(Request.Account);
        var (token, cursor) = (wallet?.Token, wallet?.Cursor);
        Floor = token?.Token.Version ?? 0;
        SendOffset = 0;
        SendLength = _tls is null
            ? writer.Write(Request, token?.Text, cursor, SendBuffer)
            : _tls.Encrypt(_plainRequest.AsSpan(0, writer.Write(Request, token?.Text, cursor, _plainRequest)), SendBuffer);
    }

    /// <summary>Appends what came to the receive buffer; as <see cref="Epoll.Receive"/> answers.</summary>
    public int Receive()
    {
        var room = ReceiveBuffer.AsSpan(Received);
        if (_tls is null)
        {
            var received = Epoll.Receive(Descriptor, room);
            Received += Math.Max(received, 0);
            return received;
        }

        var raw = Epoll.Receive(Descriptor, _raw.AsSpan(0, Math.Min(_raw.Length, room.Length)));
        if (raw > 0)
        {
            Received += _tls.Decrypt(_raw.AsSpan(0, raw), room);
        }

        return raw > 0 && _tls.IsOver ? 0 : raw;
    }

    public void Close()
    {
        _tls?.Dispose();
        _tls = null;
        _socket?.Dispose();
        _socket = null;
        Descriptor = -1;
    }

    public void Dispose() => Close();
}
