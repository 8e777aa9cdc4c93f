using System.Text.Json;
using System.Text.Json.Serialization;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Local;

/// <summary>One edge, API server or worker as a process of its own, told everything by one settings file.</summary>
public sealed class HostServer : ILocalServer
{
    // Longer than an API server's own drain: it is asked first, and killed only when it hangs.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(40);
    private readonly string _program;
    private static readonly JsonSerializerOptions s_writing = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private readonly IHostSettings _settings;
    private readonly DataFolder _data;
    private readonly TimeProvider _clock;
    private readonly Zone? _zone;
    private bool _hasMovableClock;

    /// <param name="name">Unique in the data folder: `edge-1`, `api-1`, `worker`.</param>
    /// <param name="role">`edge`, `api` or `worker`.</param>
    /// <param name="program">The name of its project: `QuickPay.Api`.</param>
    /// <param name="settings">Written to a file of mode 0600 that QUICKPAY_SETTINGS names.</param>
    /// <param name="data">Where the settings file and the log go.</param>
    /// <param name="clock">The time.</param>
    /// <param name="zone">Where it runs; null: on a machine that is all in one zone.</param>
    public HostServer(
        string name,
        string role,
        string program,
        IHostSettings settings,
        DataFolder data,
        TimeProvider clock,
        Zone? zone = null
    )
    {
        (Name, Role, _program, _settings, _data, _clock, _zone) = (name, role, program, settings, data, clock, zone);
    }

    public string Name { get; }

    public string Role { get; }

    public string Zone => _zone?.Name ?? "a";

    public string Address => _settings.Address;

    public string HealthUrl => _settings.HealthUrl;

    public ChildProcess? Process { get; private set; }

    /// <summary>What it says since its last start; empty before the first.</summary>
    public string LogFile { get; private set; } = "";

    /// <summary>Starts it and returns when `/health/ready` says so.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settingsFile = Path.Combine(_data.Settings, $"{Name}.json");
        PrivateFile.Write(settingsFile, JsonSerializer.Serialize(_settings, _settings.GetType(), s_writing));
        LogFile = Local.LogFile.Begin(_data.Logs, Name);
        var assembly = Programs.Find(_program);
        _hasMovableClock = WallClock is not null;
        Process = await ChildProcess
            .StartAsync(
                new ChildStart(Programs.DotNet, [assembly])
                {
                    LogFile = LogFile,
                    WorkingFolder = Path.GetDirectoryName(assembly)!,
                    NetworkNamespace = _zone?.Namespace,
                    Environment = EnvironmentOf(settingsFile),
                }
            )
            .ConfigureAwait(false);
        await new ServerStart(Name, Process, LogFile, _clock).WhenAsync(IsReadyAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>From the next start on: the clock on its wall; null: the machine's.</summary>
    internal MovableClock? WallClock { get; set; }

    /// <summary>Settings beside those of its file (`Cache__Enabled`): where servers of one stack are compared with each other.</summary>
    internal IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    private Dictionary<string, string> EnvironmentOf(string settingsFile)
    {
        var environment = new Dictionary<string, string> { ["QUICKPAY_SETTINGS"] = settingsFile };
        // Ten hosts on one machine, each with a tenth of the traffic: watching their own code to compile it better cost half of their time
        // for the first minutes.
        if (_zone is not null)
            environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in Environment)
            environment[name] = value;
        foreach (var (name, value) in WallClock?.Environment ?? [])
            environment[name] = value;
        return environment;
    }

    /// <summary>What `/health/ready` says.</summary>
    public Task<bool> IsReadyAsync(CancellationToken cancellationToken) =>
        HealthProbe.IsReadyAsync(HealthUrl, _data.RootCertificate, cancellationToken);

    /// <summary>Drains: what is being answered is answered, nothing new is taken.</summary>
    public async Task StopAsync()
    {
        if (Process is not { } process)
            return;
        await process.StopAsync(Signal.Terminate, StopPatience, _clock).ConfigureAwait(false);
        if (_hasMovableClock)
            MovableClock.ForgetProcess(process.Pid);
    }

    /// <summary>kill -9: what a crash looks like.</summary>
    public async Task KillAsync()
    {
        if (Process is not { } process)
            return;
        process.TrySignal(Signal.Kill);
        await process.Exited.ConfigureAwait(false);
    }
}
