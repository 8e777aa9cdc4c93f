using System.Net;

namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// One of three etcd servers: where the PostgreSQL nodes agree on who is primary. TLS, and nobody comes in without a certificate of an
/// authority that signs for this alone: a password would cost a slow hash with each of Patroni's questions.
/// <code>
/// etcd-a/              ours; the server may read, not write
///   server.crt server.key ca.crt
///   data/              the server's own
/// </code>
/// </summary>
internal sealed class EtcdServer : ILocalServer
{
    public const int ClientPort = 2379;
    private const int PeerPort = 2380;
    private const int HealthPort = 2381;
    private const string Program = "/usr/bin/etcd";
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private readonly Zone _zone;
    private readonly IReadOnlyList<Zone> _zones;
    private readonly string _folder;
    private readonly string _logs;
    private readonly OsUser? _user;
    private readonly TimeProvider _clock;

    public EtcdServer(DataFolder data, Zone zone, IReadOnlyList<Zone> zones, OsUser? user, TimeProvider clock)
    {
        (_zone, _zones, _user, _clock, _logs) = (zone, zones, user, clock, data.Logs);
        _folder = Path.Combine(data.Servers, NameIn(zone));
    }

    public string Name => NameIn(_zone);

    public string Role => "etcd";

    public string Zone => _zone.Name;

    public string Address => $"{_zone.Address}:{ClientPort}";

    /// <summary>Whether it knows a leader, in plain HTTP and nothing else.</summary>
    public string HealthUrl => $"http://{_zone.Address}:{HealthPort}";

    public ChildProcess? Process { get; private set; }

    /// <summary>What it says since its last start; empty before the first.</summary>
    public string LogFile { get; private set; } = "";

    public void Prepare(Certificates certificates)
    {
        PrivateFile.FolderReadableBy(_user, _folder);
        PrivateFile.FolderOf(_user, DataFolder);
        certificates.Issue("QuickPay etcd", Certificate, Key, _user, _zone.Address);
        PrivateFile.Write(Authority, File.ReadAllText(certificates.RootCertificateFile), _user);
    }

    /// <summary>
    /// Starts it and returns when it tells of its health, good or not: without a second one it can know no leader, and starting it again
    /// would not help.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LogFile = Local.LogFile.Begin(_logs, Name);
        Process = await ChildProcess
            .StartAsync(
                new ChildStart(Programs.Installed(Program, "etcd-server"), Arguments())
                {
                    LogFile = LogFile,
                    WorkingFolder = "/",
                    User = _user,
                    NetworkNamespace = _zone.Namespace,
                    // Go's scheduler would take a thread a core for each of three that hardly do anything.
                    Environment = new Dictionary<string, string> { ["GOMAXPROCS"] = "1" },
                }
            )
            .ConfigureAwait(false);
        var health = new IPEndPoint(IPAddress.Parse(_zone.Address), HealthPort);
        await new ServerStart(Name, Process, LogFile, _clock)
            .WhenAsync(token => TcpProbe.AcceptsAsync(health, token), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Returns when it knows a leader, which two of the three elect. How long that takes is the others' business too.</summary>
    /// <exception cref="StartFailedException">It ended, or they did not agree in time.</exception>
    public Task WhenLedAsync(CancellationToken cancellationToken) =>
        new ServerStart(Name, Process!, LogFile, _clock).WhenAsync(
            token => HealthProbe.SaysYesAsync($"{HealthUrl}/health", rootCertificate: "", token),
            cancellationToken
        );

    public async Task StopAsync()
    {
        if (Process is { } process)
            await process.StopAsync(Signal.Terminate, StopPatience, _clock).ConfigureAwait(false);
    }

    internal static string NameIn(Zone zone) => $"etcd-{zone.Name}";

    private string DataFolder => Path.Combine(_folder, "data");

    private string Certificate => Path.Combine(_folder, "server.crt");

    private string Key => Path.Combine(_folder, "server.key");

    private string Authority => Path.Combine(_folder, "ca.crt");

    private string[] Arguments() =>
        [
            $"--name={Name}",
            $"--data-dir={DataFolder}",
            $"--listen-client-urls=https://{_zone.Address}:{ClientPort}",
            $"--advertise-client-urls=https://{_zone.Address}:{ClientPort}",
            $"--listen-peer-urls=https://{_zone.Address}:{PeerPort}",
            $"--initial-advertise-peer-urls=https://{_zone.Address}:{PeerPort}",
            $"--initial-cluster={string.Join(',', _zones.Select(zone => $"{NameIn(zone)}=https://{zone.Address}:{PeerPort}"))}",
            $"--cert-file={Certificate}",
            $"--key-file={Key}",
            $"--peer-cert-file={Certificate}",
            $"--peer-key-file={Key}",
            $"--trusted-ca-file={Authority}",
            "--client-cert-auth=true",
            $"--peer-trusted-ca-file={Authority}",
            "--peer-client-cert-auth=true",
            $"--listen-metrics-urls={HealthUrl}",
            // The API that Patroni 3.0.2 is safe with: see PatroniNode.
            "--enable-v2=true",
            "--logger=zap",
            "--log-level=warn",
        ];
}
