using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace QuickPay.Bench.Load;

/// <summary>The way that requests take to a target.</summary>
/// <param name="Name">For the report: direct, edge, yarp.</param>
/// <param name="Endpoint">Where to connect.</param>
/// <param name="Host">For the Host header, and the name that a certificate must have.</param>
/// <param name="Authority">The authority that its certificate must come from; null = plain HTTP.</param>
/// <param name="Sources">From how many loopback addresses (127.0.1.1 and up) the connections come; 0 = from wherever the system says.</param>
internal sealed record LoadWay(string Name, IPEndPoint Endpoint, string Host, X509Certificate2? Authority = null, int Sources = 0)
{
    public IPAddress? SourceOf(int connection) =>
        Sources == 0 ? null : new IPAddress([127, 0, (byte)(1 + connection % Sources / 250), (byte)(1 + connection % Sources % 250)]);
}
