using System.Net;
using System.Net.Sockets;

namespace QuickPay.Cli.Local;

/// <summary>TCP ports on loopback.</summary>
public static class Ports
{
    // Below the range that the kernel hands out to outgoing connections (32768 and up): under load one of those could sit on the port of a
    // server that is just being restarted.
    private const int First = 21000;
    private const int Count = 9000;

    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As servers do it: connections of the last owner that linger (TIME_WAIT) do not count.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The port asked for if it is free, else another free one.</summary>
    /// <param name="wanted">Null: any.</param>
    /// <param name="promised">Not to be given, though free: somebody will listen there soon.</param>
    public static int FreeFrom(int? wanted, IReadOnlyCollection<int>? promised = null)
    {
        promised ??= [];
        if (wanted is { } port && IsFree(port) && !promised.Contains(port))
            return port;
        for (var attempt = 0; attempt < Count; attempt++)
        {
            // At random, so that copies starting together do not choose alike.
            var candidate = First + System.Security.Cryptography.RandomNumberGenerator.GetInt32(Count);
            if (!promised.Contains(candidate) && IsFree(candidate))
                return candidate;
        }
        throw new LocalException($"No free port between {First} and {First + Count - 1} on 127.0.0.1.");
    }
}
