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

    /// <summary>Whether this machine has ::1 beside 127.0.0.1. Many programs try it first when they are told `localhost`.</summary>
    public static bool HasIPv6 { get; } = CanListen(new IPEndPoint(IPAddress.IPv6Loopback, 0));

    /// <summary>On 127.0.0.1.</summary>
    public static bool IsFree(int port) => CanListen(new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>On 127.0.0.1 and, where there is one, ::1.</summary>
    public static bool IsFreeForBoth(int port) => IsFree(port) && (!HasIPv6 || CanListen(new IPEndPoint(IPAddress.IPv6Loopback, port)));

    private static bool CanListen(IPEndPoint endpoint)
    {
        try
        {
            using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            // As servers do it: connections of the last owner that linger (TIME_WAIT) do not count.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(endpoint);
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
