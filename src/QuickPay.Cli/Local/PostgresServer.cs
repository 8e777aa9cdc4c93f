using Npgsql;

namespace QuickPay.Cli.Local;

/// <summary>
/// A private PostgreSQL 15 cluster: data checksums, TLS and SCRAM on loopback, the superuser only through a socket in a folder that only its
/// owner and root can enter.
/// <code>
/// postgres/            ours; the server may read, not write
///   postgresql.conf pg_hba.conf pg_ident.conf server.crt server.key
///   data/  socket/     the server's own
/// </code>
/// </summary>
public sealed class PostgresServer : ILocalServer
{
    /// <summary>The name of our database.</summary>
    public const string DefaultDatabase = "quickpay";
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);
    private readonly PostgresFiles _files;
    private readonly Secrets _secrets;
    private readonly string _rootCertificate;
    private readonly TimeProvider _clock;

    internal PostgresServer(PostgresFiles files, Secrets secrets, string rootCertificate, int port, TimeProvider clock)
    {
        (_files, _secrets, _rootCertificate, Port, _clock) = (files, secrets, rootCertificate, port, clock);
    }

    public string Name => "postgres";

    public string Role => "postgres";

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>On 127.0.0.1; the socket has it in its name.</summary>
    public int Port { get; }

    public ChildProcess? Process { get; private set; }

    /// <summary>What it says since its last start; empty before the first.</summary>
    public string LogFile { get; private set; } = "";

    /// <summary>The folder of the unix socket, the superuser's only way in.</summary>
    public string SocketFolder => _files.Socket;

    /// <summary>How a role reaches a database.</summary>
    /// <param name="role">One of <see cref="PostgresRoles"/>.</param>
    /// <param name="database">Its name.</param>
    public PostgresConnection Connection(string role, string database = DefaultDatabase) =>
        new(Address, database, role, _secrets.PasswordOf(role), _rootCertificate);

    /// <summary>The superuser, through the socket, unpooled: for tools and tests.</summary>
    public string SuperuserConnectionString(string database = "postgres") => SuperuserThrough(_files.Socket, Port, database);

    internal static string SuperuserThrough(string socketFolder, int port, string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = socketFolder,
            Port = port,
            Database = database,
            Username = PostgresRoles.Superuser,
            SslMode = SslMode.Disable,
            Pooling = false,
        }.ConnectionString;

    /// <summary>Starts it, also after a kill; recovers what the log holds before it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            LogFile = Local.LogFile.Begin(_files.Logs, Name);
            var process = await ChildProcess
                .StartAsync(
                    new ChildStart(PostgresPrograms.Find("postgres"), ["-D", _files.Data, "-c", $"config_file={_files.Configuration}"])
                    {
                        LogFile = LogFile,
                        WorkingFolder = "/",
                        User = _files.User,
                        OnOurDeath = Signal.Interrupt, // to PostgreSQL: shut down at once, in order
                    }
                )
                .ConfigureAwait(false);
            Process = process;
            if (await AnswersAsync(process, cancellationToken).ConfigureAwait(false))
                return;
            if (!SaysThatTheOldOneIsStillLeaving())
                throw Local.LogFile.Explain("PostgreSQL", await process.Exited.ConfigureAwait(false), LogFile);
            await Task.Delay(TimeSpan.FromMilliseconds(200), _clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Fast shutdown: open transactions are rolled back, a checkpoint is written.</summary>
    public async Task StopAsync()
    {
        if (Process is { } process)
            await process.StopAsync(Signal.Interrupt, StopPatience, _clock).ConfigureAwait(false);
    }

    /// <summary>kill -9 of the postmaster: its backends notice and end. <see cref="StartAsync"/> brings it back through crash recovery.</summary>
    public async Task KillAsync()
    {
        if (Process is not { } process)
            return;
        process.TrySignal(Signal.Kill);
        await process.Exited.ConfigureAwait(false);
    }

    /// <summary>See <see cref="PostgresDatabases.CreateAsync"/>.</summary>
    public Task CreateDatabaseAsync(string name, string? template, CancellationToken cancellationToken) =>
        PostgresDatabases.CreateAsync(SuperuserConnectionString(), name, template, cancellationToken);

    /// <summary>Drops a database, whoever is still connected.</summary>
    public Task DropDatabaseAsync(string name, CancellationToken cancellationToken) =>
        PostgresDatabases.DropAsync(SuperuserConnectionString(), name, cancellationToken);

    /// <summary>Whether there is a database of this name.</summary>
    public Task<bool> HasDatabaseAsync(string name, CancellationToken cancellationToken) =>
        PostgresDatabases.ExistsAsync(SuperuserConnectionString(), name, cancellationToken);

    /// <summary>Roles with the passwords of our secrets; the same again changes nothing.</summary>
    internal Task CreateRolesAsync(CancellationToken cancellationToken) =>
        PostgresRoles.CreateAsync(SuperuserConnectionString(), _secrets, cancellationToken);

    private async Task<bool> AnswersAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        while (!process.Exited.IsCompleted)
        {
            try
            {
                await using var connection = new NpgsqlConnection(SuperuserConnectionString());
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (NpgsqlException)
            {
                // Not listening yet, or recovering (57P03): as long as it lives, it is on its way.
                await Task.Delay(TimeSpan.FromMilliseconds(50), _clock, cancellationToken).ConfigureAwait(false);
            }
        }
        return false;
    }

    // After kill -9 the old backends hold the shared memory until they notice that their postmaster is gone.
    private bool SaysThatTheOldOneIsStillLeaving() =>
        Local.LogFile.Tail(LogFile) is var log
        && (
            log.Contains("pre-existing shared memory block", StringComparison.Ordinal)
            || log.Contains("is still in use", StringComparison.Ordinal)
        );
}

internal static class DataSourceExtensions
{
    public static async Task ExecuteAsync(this NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
