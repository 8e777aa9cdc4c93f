using Npgsql;

namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// A PostgreSQL for reading alone. It streams from the synchronous standby and so never shows what that one lacks; it can never become
/// primary, and nobody who acknowledges a commit is asked here.
/// </summary>
public sealed class ReadReplica : ILocalServer
{
    /// <summary>In each zone, beside that of the node.</summary>
    public const int Port = 5433;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    // It replays what its log holds first; and one that was killed may need what only its upstream has.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private readonly PostgresNodeFiles _files;
    private readonly PostgresTuning _tuning;
    private readonly string _logs;
    private readonly Zone _zone;
    private readonly TimeProvider _clock;

    internal ReadReplica(int number, DataFolder data, Zone zone, OsUser? user, PostgresTuning tuning, TimeProvider clock)
    {
        (Name, _zone, _tuning, _clock, _logs) = ($"replica-{number}", zone, tuning, clock, data.Logs);
        _files = new PostgresNodeFiles(data, Name, zone, user);
    }

    public string Name { get; }

    public string Role => "replica";

    public string Zone => _zone.Name;

    public string Address => $"{_zone.Address}:{Port}";

    /// <summary>Which node it streams from: `10.1.2.12:5432`; null before the first time.</summary>
    public string? Upstream { get; private set; }

    public ChildProcess? Process { get; private set; }

    /// <summary>What it says since its last start; empty before the first.</summary>
    public string LogFile { get; private set; } = "";

    /// <inheritdoc cref="PatroniNode.SuperuserConnectionString" />
    public string SuperuserConnectionString(string database = "postgres") => PostgresServer.SuperuserThrough(_files.Socket, Port, database);

    /// <summary>Its history has left that of the others, or what it lacks is gone there: by itself it will never stream again.</summary>
    internal bool SaysThatItCannotFollow =>
        Local.LogFile.Tail(LogFile, lines: 6) is var log
        && (
            log.Contains("is not in this server's history", StringComparison.Ordinal)
            || log.Contains("forked off current database system timeline", StringComparison.Ordinal)
            || log.Contains("is ahead of the WAL flush position", StringComparison.Ordinal)
            || log.Contains("has already been removed", StringComparison.Ordinal)
        );

    internal bool HasData => Directory.Exists(_files.Data);

    internal void Prepare(Certificates certificates, Secrets secrets, string subnet)
    {
        _files.Prepare(certificates, subnet);
        // libpq wants it to belong to the one who reads it.
        PrivateFile.WriteFor(
            _files.User,
            PasswordFile,
            $"*:*:*:{PostgresRoles.Replicator}:{secrets.PasswordOf(PostgresRoles.Replicator)}\n"
        );
    }

    /// <summary>Copies a node's data, in place of what there was.</summary>
    internal async Task CopyAsync(PatroniNode from, CancellationToken cancellationToken)
    {
        // Under another name until it is complete.
        var unfinished = _files.Data + ".unfinished";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        PrivateFile.FolderOf(_files.User, unfinished);
        List<string> arguments =
        [
            "-d",
            ConnectionTo(from.PostgresAddress),
            "-D",
            unfinished,
            "--wal-method=stream",
            "--checkpoint=fast",
            .. _tuning.Durable ? (string[])[] : ["--no-sync"],
        ];
        await Tool.RunAsync(PostgresPrograms.Find("pg_basebackup"), arguments, _files.User, null, cancellationToken).ConfigureAwait(false);
        // Patroni's settings came along; ours stand elsewhere.
        foreach (var foreign in (string[])["postgresql.conf", "postgresql.auto.conf", "patroni.dynamic.json"])
            File.Delete(Path.Combine(unfinished, foreign));
        await Tool.RunAsync("/usr/bin/touch", [Path.Combine(unfinished, "standby.signal")], _files.User, null, cancellationToken)
            .ConfigureAwait(false);
        if (HasData)
            Directory.Delete(_files.Data, recursive: true);
        Directory.Move(unfinished, _files.Data);
    }

    /// <summary>From here on it streams from this node.</summary>
    internal void Follow(PatroniNode node)
    {
        Upstream = node.PostgresAddress;
        PrivateFile.Write(
            _files.Configuration,
            _files.ConfigurationText(
                _tuning,
                $"""
                data_directory = {PostgresConfiguration.Quote(_files.Data)}
                cluster_name = '{Name}'
                listen_addresses = '{_zone.Address}'
                port = {Port}
                max_connections = 160
                max_wal_senders = 12
                max_replication_slots = 12
                primary_conninfo = {PostgresConfiguration.Quote($"{ConnectionTo(Upstream)} application_name={Name}")}
                """
            ),
            _files.User
        );
        Process?.TrySignal(Signal.Hangup);
    }

    /// <summary>Starts it and returns when it can be read.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LogFile = Local.LogFile.Begin(_logs, Name);
        Process = await ChildProcess
            .StartAsync(
                new ChildStart(PostgresPrograms.Find("postgres"), ["-D", _files.Data, "-c", $"config_file={_files.Configuration}"])
                {
                    LogFile = LogFile,
                    WorkingFolder = "/",
                    User = _files.User,
                    NetworkNamespace = _zone.Namespace,
                    OnOurDeath = Signal.Interrupt,
                }
            )
            .ConfigureAwait(false);
        await new ServerStart(Name, Process, LogFile, _clock) { Patience = StartPatience, Stop = Signal.Interrupt }
            .WhenAsync(AnswersAsync, cancellationToken)
            .ConfigureAwait(false);
    }

    public async Task StopAsync()
    {
        if (Process is { } process)
            await process.StopAsync(Signal.Interrupt, StopPatience, _clock).ConfigureAwait(false);
    }

    private string PasswordFile => Path.Combine(_files.State, "pgpass");

    private string ConnectionTo(string address)
    {
        var colon = address.LastIndexOf(':');
        return $"host={address[..colon]} port={address[(colon + 1)..]} user={PostgresRoles.Replicator} passfile={Libpq(PasswordFile)} "
            + $"sslmode=verify-full sslrootcert={Libpq(_files.Authority)} connect_timeout=3";
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(SuperuserConnectionString());
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (NpgsqlException)
        {
            return false; // not listening yet, or replaying
        }
    }

    private static string Libpq(string value) =>
        $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
