using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using QuickPay.Bench.Load;
using QuickPay.Cli.Local;
using static System.FormattableString;

namespace QuickPay.Bench.Targets;

/// <summary>A bare TLS proxy (bench/baseline-yarp) in front of the stack's API server, with the edge's certificate.</summary>
internal sealed class YarpBaseline : IAsyncDisposable
{
    public const string Role = "yarp";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private readonly ChildProcess _process;
    private readonly int _port;
    private readonly TimeProvider _clock;

    private YarpBaseline(ChildProcess process, int port, TimeProvider clock) => (_process, _port, _clock) = (process, port, clock);

    public int Pid => _process.Pid;

    public static async Task<YarpBaseline> StartAsync(LocalStack stack, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (port, tls) = (Ports.FreeFrom(null), stack.Servers.Data.Tls);
        var log = LogFile.Begin(stack.Servers.Data.Logs, "baseline-yarp");
        string[] arguments =
        [
            Programs.Find("baseline-yarp"),
            Invariant($"{port}"),
            Path.Combine(tls, "edge-1.crt"),
            Path.Combine(tls, "edge-1.key"),
            stack.ApiUrls[0],
        ];
        var process = await ChildProcess.StartAsync(
            new ChildStart(Programs.DotNet, arguments) { LogFile = log, WorkingFolder = Programs.RepositoryRoot }
        );
        var proxy = new YarpBaseline(process, port, clock);
        try
        {
            await proxy.ListensAsync(log, cancellationToken);
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    public LoadWay Way(X509Certificate2 authority, int sources) =>
        new(Role, new IPEndPoint(IPAddress.Loopback, _port), Invariant($"localhost:{_port}"), authority, sources);

    public async ValueTask DisposeAsync() => await _process.StopAsync(Signal.Terminate, StopPatience, _clock);

    private async Task ListensAsync(string log, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), _clock);
        var started = _clock.GetTimestamp();
        while (
            _clock.GetElapsedTime(started) < StartPatience
            && !_process.Exited.IsCompleted
            && await timer.WaitForNextTickAsync(cancellationToken)
        )
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, _port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }

        throw new BenchException($"The YARP baseline does not listen. {log}:\n{LogFile.Tail(log)}");
    }
}
