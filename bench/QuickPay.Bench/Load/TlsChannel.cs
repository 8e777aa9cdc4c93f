using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks.Sources;

namespace QuickPay.Bench.Load;

/// <summary>
/// TLS for the load loop, which reads and writes the sockets itself: the runtime's SslStream stands on memory, and all of its work is
/// done on the loop's thread, within <see cref="Encrypt"/> and <see cref="Decrypt"/>.
/// </summary>
internal sealed class TlsChannel : IDisposable
{
    private readonly LoopStream _inner;
    private readonly SslStream _tls;
    private readonly byte[] _plain;
    private int _plainLength;

    /// <summary>Shakes hands on a connected socket that still blocks.</summary>
    /// <exception cref="AuthenticationException">The certificate is not of that authority, or not for that name.</exception>
    public TlsChannel(Socket socket, string host, X509Certificate2 authority, int bufferSize)
    {
        _plain = new byte[bufferSize];
        _inner = new LoopStream(socket, bufferSize);
        _tls = new SslStream(_inner);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        _tls.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy });
        _inner.LeaveSocket();
        _ = ReadAsync();
    }

    /// <summary>The other side has closed, or what came cannot be read.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Encrypts a request; returns how many bytes are to be sent.</summary>
    public int Encrypt(ReadOnlySpan<byte> plain, Span<byte> destination)
    {
        _tls.Write(plain);
        return _inner.TakeWritten(destination);
    }

    /// <summary>Takes what was received; returns how many bytes of plain text that gave.</summary>
    public int Decrypt(ReadOnlySpan<byte> received, Span<byte> destination)
    {
        _inner.Feed(received);
        var length = _plainLength;
        _plain.AsSpan(0, length).CopyTo(destination);
        _plainLength = 0;
        return length;
    }

    public void Dispose() => _tls.Dispose();

    /// <summary>Always one read under way; it goes on, on the loop's thread, whenever bytes are fed.</summary>
    private async Task ReadAsync()
    {
        // The read that waits has a buffer of its own: where its bytes belong is known only when they come.
        var chunk = new byte[_plain.Length];
        try
        {
            int read;
            while ((read = await _tls.ReadAsync(chunk)) > 0)
            {
                chunk.AsSpan(0, read).CopyTo(_plain.AsSpan(_plainLength));
                _plainLength += read;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or AuthenticationException) { }

        IsOver = true;
    }

    private sealed class LoopStream(Socket socket, int bufferSize) : Stream, IValueTaskSource<int>
    {
        private readonly byte[] _received = new byte[2 * bufferSize];
        private readonly byte[] _written = new byte[2 * bufferSize];
        private ManualResetValueTaskSourceCore<int> _read;
        private Memory<byte> _reader;
        private Socket? _socket = socket;
        private int _receivedLength;
        private int _writtenLength;
        private bool _isReading;

        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        /// <summary>From now on bytes are handed over by the loop.</summary>
        public void LeaveSocket() => _socket = null;

        public void Feed(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_received.AsSpan(_receivedLength));
            _receivedLength += bytes.Length;
            if (_isReading)
            {
                _isReading = false;
                _read.SetResult(Take(_reader.Span)); // goes on reading, here and now
            }
        }

        public int TakeWritten(Span<byte> destination)
        {
            var length = _writtenLength;
            _written.AsSpan(0, length).CopyTo(destination);
            _writtenLength = 0;
            return length;
        }

        public override int Read(Span<byte> buffer) => _socket!.Receive(buffer);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_socket is not null)
            {
                _socket.Send(buffer);
                return;
            }

            buffer.CopyTo(_written.AsSpan(_writtenLength));
            _writtenLength += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return default;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length == 0 || _receivedLength > 0)
            {
                return new ValueTask<int>(Take(buffer.Span));
            }

            _read.Reset();
            (_reader, _isReading) = (buffer, true);
            return new ValueTask<int>(this, _read.Version);
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

        void IValueTaskSource<int>.OnCompleted(
            Action<object?> continuation,
            object? state,
            short token,
            ValueTaskSourceOnCompletedFlags flags
        ) => _read.OnCompleted(continuation, state, token, flags);

        private int Take(Span<byte> destination)
        {
            var length = Math.Min(destination.Length, _receivedLength);
            _received.AsSpan(0, length).CopyTo(destination);
            _received.AsSpan(length, _receivedLength - length).CopyTo(_received);
            _receivedLength -= length;
            return length;
        }
    }
}
