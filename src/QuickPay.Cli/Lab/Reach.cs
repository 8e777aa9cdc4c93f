using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Lab;

/// <summary>Who can open a TCP connection to a port of this machine.</summary>
internal static class Reach
{
    /// <summary>
    /// Ends the step unless each of the ports listens on loopback alone: by the kernel's list of listening sockets, and by knocking at
    /// every other address that this machine has. Returns what was seen.
    /// </summary>
    public static async Task<string> RequireLoopbackAloneAsync(IReadOnlyCollection<int> ports, CancellationToken cancellationToken)
    {
        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(end => ports.Contains(end.Port)).ToList();
        foreach (var port in ports)
            LabReport.Require(listening.Exists(end => end.Port == port), $"nothing listens on port {port}");
        var open = listening.Where(end => !IPAddress.IsLoopback(end.Address)).ToList();
        LabReport.Require(open.Count == 0, $"listens on {string.Join(", ", open)}");

        var others = OtherAddresses();
        foreach (var address in others)
        foreach (var port in ports)
            LabReport.Require(
                !await TcpProbe.AcceptsAsync(new IPEndPoint(address, port), cancellationToken),
                $"accepts a connection at {new IPEndPoint(address, port)}"
            );
        var where = string.Join(", ", listening.OrderBy(end => end.Port));
        return others.Count == 0
            ? $"{where}; this machine has no other address to knock at"
            : $"{where}; refused at {string.Join(", ", others)}";
    }

    /// <summary>The port of `http://127.0.0.1:8081` or `127.0.0.1:5433`.</summary>
    public static int PortOf(string address) => int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);

    /// <summary>What this machine is called by others. Link-local addresses need a zone and lead no further than the wire.</summary>
    private static List<IPAddress> OtherAddresses() =>
        [
            .. NetworkInterface
                .GetAllNetworkInterfaces()
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal),
        ];
}
