using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Yarp.ReverseProxy.Model;

namespace QuickPay.Edge.Balancing;

/// <summary>
/// What a server is called in a member's cookie: a digest of its id, the same at every edge and after every restart, which tells nobody
/// how servers are named or where they are.
/// </summary>
internal sealed class ServerName
{
    public const string CookieName = "quickpay-server";
    private static readonly ConditionalWeakTable<DestinationState, ServerName> Names = [];

    private ServerName(DestinationState server)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"quickpay-server {server.DestinationId.ToLowerInvariant()}"));
        Token = Convert.ToHexStringLower(digest.AsSpan(0, 8));
        Seed = BinaryPrimitives.ReadUInt64LittleEndian(digest.AsSpan(8));
        SetCookie = $"{CookieName}={Token}; Path=/; Secure; HttpOnly; SameSite=Strict";
    }

    /// <summary>The cookie's value.</summary>
    public string Token { get; }

    /// <summary>The whole header that sets the cookie.</summary>
    public string SetCookie { get; }

    private ulong Seed { get; }

    public static ServerName Of(DestinationState server) => Names.GetValue(server, static server => new ServerName(server));

    /// <summary>
    /// How well this server fits a session: of all servers the one with the highest score serves it (rendezvous hashing). When a server
    /// goes, only its own sessions move; when one comes, it takes an equal share from all.
    /// </summary>
    public ulong ScoreOf(Guid session)
    {
        Span<byte> bytes = stackalloc byte[16];
        session.TryWriteBytes(bytes);
        var halves = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ Mix(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        return Mix(halves ^ Seed);
    }

    // Multiplications by odd constants and shifts, until each bit depends on every other (David Stafford's variant 13).
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
}
