using System.Net;
using System.Net.Sockets;

namespace QuickPay.Bench.Load;

/// <summary>One keep-alive connection with its buffers and the one request that may be under way on it.</summary>
internal sealed class LoadConnection(int index) : IDisposable
{
    private const int ReceiveBufferSize = 16_384;

    private Socket? _socket;

    public int Index => index;
    public int Descriptor { get; private set; } = -1;
    public bool IsOpen => _socket is not null;
    public bool IsBusy { get; set; }

    /// <summary>It stands on the loop's stack of free connections (also when it was lost meanwhile: the loop skips it then).</summary>
    public bool IsFree { get; set; }

    public TransferRequest Request { get; set; }
    public long IntendedTicks { get; set; }
    public long SentTicks { get; set; }

    public byte[] SendBuffer { get; } = new byte[RequestWriter.BufferSize];
    public int SendLength { get; set; }
    public int SendOffset { get; set; }

    public byte[] ReceiveBuffer { get; } = new byte[ReceiveBufferSize];
    public int Received { get; set; }

    /// <summary>Connects; false when nobody listens.</summary>
    public bool TryOpen(EndPoint endpoint)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(endpoint);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }

        socket.Blocking = false;
        _socket = socket;
        Descriptor = (int)socket.Handle;
        (Received, SendLength, SendOffset, IsBusy) = (0, 0, 0, false);
        return true;
    }

    public void Close()
    {
        _socket?.Dispose();
        _socket = null;
        Descriptor = -1;
    }

    public void Dispose() => Close();
}
