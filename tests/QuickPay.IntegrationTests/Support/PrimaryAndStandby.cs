using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Support;

/// <summary>
/// Two real PostgreSQL servers: a primary, and a copy of it that answers as a standby does until it is promoted. It streams from nobody: for
/// tests of who is asked, not of what was copied.
/// </summary>
public class PrimaryAndStandby : IAsyncLifetime
{
    private DataFolder? _copy;
    private PostgresServer? _standby;
    private string _standbySignal = "";
    private OsUser? _user;

    public LocalServers Servers { get; private set; } = null!;

    public PostgresServer Standby => _standby ?? throw new InvalidOperationException("The servers have not started.");

    public async ValueTask InitializeAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Servers = await TestServers.StartOwnAsync(cancellation);
        _user = OsUser.StepDownTo("postgres", "postgresql-15");
        _copy = DataFolder.Temporary("standby");
        _copy.Create();
        await _copy.PlaceServersAsync([.. new[] { _user }.OfType<OsUser>()], _ => { }, cancellation);
        var files = new PostgresFiles(_copy, _user);
        _standbySignal = Path.Combine(files.Data, "standby.signal");
        PrivateFile.FolderReadableBy(_user, Path.GetDirectoryName(files.Data)!);

        await Servers.Postgres.StopAsync();
        await Tool.RunAsync(
            "cp",
            ["-a", new PostgresFiles(Servers.Data, _user).Data, files.Data],
            user: null,
            environment: null,
            cancellation
        );
        await Servers.Postgres.StartAsync(cancellation);

        var certificates = Certificates.LoadOrCreate(Servers.Data.Tls, TimeProvider.System);
        var port = Ports.FreeFrom(null, [Servers.Postgres.Port]);
        await files.PrepareAsync(certificates, new PostgresTuning(Durable: true, SharedBuffers: "32MB"), port, cancellation);
        await ConfigureStandbyAsync(files.Configuration);
        _standby = new PostgresServer(files, Servers.Secrets, certificates.RootCertificateFile, port, TimeProvider.System);
        await StandByAsync();
    }

    /// <summary>Makes the copy a standby, which it is at first, and again after it was promoted.</summary>
    public async Task StandByAsync()
    {
        await Standby.StopAsync();
        PrivateFile.WriteFor(_user, _standbySignal, "");
        await Standby.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What stands in its settings beside what every server has.</summary>
    /// <param name="configuration">Its file.</param>
    protected virtual Task ConfigureStandbyAsync(string configuration) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_standby is not null)
        {
            await _standby.StopAsync();
        }
        _copy?.Delete();
        if (Servers is not null)
        {
            await Servers.DisposeAsync();
        }
    }
}
