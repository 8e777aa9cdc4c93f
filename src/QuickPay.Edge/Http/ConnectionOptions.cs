using System.ComponentModel.DataAnnotations;

namespace QuickPay.Edge.Http;

/// <summary>How much of the edge one client, and all together, may hold, and for how long.</summary>
public sealed class ConnectionOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Connections";

    /// <summary>Members' connections at one time; more are closed as they come. The internal address does not count.</summary>
    [Range(1, 1_000_000)]
    public int Max { get; init; } = 10_000;

    /// <summary>Those from one IPv4 address, or from one /64 of IPv6, which is what one subscriber has. Trusted proxies have no such limit.</summary>
    [Range(1, 1_000_000)]
    public int PerAddressMax { get; init; } = 256;

    /// <summary>
    /// New connections a second from one address or /64, of which <c>PerAddressMax</c> may come at once: each costs a TLS handshake, about
    /// as much as ten requests. More are closed as they come. Trusted proxies have no such limit.
    /// </summary>
    [Range(1, 1_000_000)]
    public int NewPerSecondPerAddress { get; init; } = 100;

    /// <summary>Requests at one time on one HTTP/2 connection.</summary>
    [Range(1, 1_000)]
    public int StreamsMax { get; init; } = 100;

    /// <summary>A TLS handshake not done within this time is cut.</summary>
    [Range(100, 60_000)]
    public int HandshakeTimeoutMs { get; init; } = 5_000;

    /// <summary>A request whose headers have not all come within this time gets 408.</summary>
    [Range(100, 60_000)]
    public int HeadersTimeoutMs { get; init; } = 5_000;

    /// <summary>A request whose body has not all come within this time gets 408.</summary>
    [Range(100, 60_000)]
    public int BodyTimeoutMs { get; init; } = 10_000;

    /// <summary>A connection on which nothing was asked for this long is closed.</summary>
    [Range(1_000, 3_600_000)]
    public int IdleMs { get; init; } = 75_000;

    /// <summary>A client that sends its body slower than this, for longer than <c>SlowForMs</c>, gets 408; bytes a second.</summary>
    [Range(1, 1_000_000)]
    public int BodyBytesPerSecondMin { get; init; } = 240;

    /// <summary>
    /// A client that reads its answer slower than this is cut, after <c>SlowForMs</c> and the time that 64 KiB may take; bytes a second.
    /// </summary>
    [Range(1, 100_000_000)]
    public int AnswerBytesPerSecondMin { get; init; } = 4_096;

    /// <summary>How long a client may be slower than it should, in a body or an answer.</summary>
    [Range(1_001, 60_000)]
    public int SlowForMs { get; init; } = 5_000;
}
