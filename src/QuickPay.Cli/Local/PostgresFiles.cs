namespace QuickPay.Cli.Local;

/// <summary>The files of a cluster: made by initdb once, configured anew at each start.</summary>
internal sealed class PostgresFiles
{
    private readonly string _folder;

    public PostgresFiles(DataFolder data, OsUser? user)
    {
        _folder = Path.Combine(data.Servers, "postgres");
        User = user;
        Logs = data.Logs;
        Socket = data.PostgresSocket;
    }

    public OsUser? User { get; }

    public string Data => Path.Combine(_folder, "data");

    public string Socket { get; }

    public string Logs { get; }

    public string Configuration => Path.Combine(_folder, "postgresql.conf");

    private string HostRules => Path.Combine(_folder, "pg_hba.conf");

    private string UserMap => Path.Combine(_folder, "pg_ident.conf");

    private string Certificate => Path.Combine(_folder, "server.crt");

    private string Key => Path.Combine(_folder, "server.key");

    public async Task PrepareAsync(Certificates certificates, PostgresTuning tuning, int port, CancellationToken cancellationToken)
    {
        PrivateFile.FolderReadableBy(User, _folder);
        PrivateFile.FolderOf(User, Socket);
        if (!Directory.Exists(Data))
            await InitializeAsync(tuning, cancellationToken).ConfigureAwait(false);
        certificates.IssueForLoopback("QuickPay PostgreSQL", Certificate, Key, User);
        PrivateFile.Write(Configuration, ConfigurationText(tuning, port), User);
        PrivateFile.Write(HostRules, HostRulesText, User);
        PrivateFile.Write(UserMap, UserMapText(), User);
    }

    private async Task InitializeAsync(PostgresTuning tuning, CancellationToken cancellationToken)
    {
        // Under another name until it is complete: an interrupted start must not leave half a cluster behind.
        var unfinished = Data + ".unfinished";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        PrivateFile.FolderOf(User, unfinished);
        List<string> arguments =
        [
            "-D",
            unfinished,
            "-U",
            PostgresRoles.Superuser,
            "--data-checksums",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth-local=peer",
            "--auth-host=scram-sha-256",
            "--no-instructions",
        ];
        if (!tuning.Durable)
            arguments.Add("--no-sync");
        await Tool.RunAsync(PostgresPrograms.Find("initdb"), arguments, User, null, cancellationToken).ConfigureAwait(false);
        Directory.Move(unfinished, Data);
    }

    private string ConfigurationText(PostgresTuning tuning, int port) =>
        $"""
            # Written at each start of QuickPay: changes belong in the code (or, for a trial, in ALTER SYSTEM).
            data_directory = {Quote(Data)}
            hba_file = {Quote(HostRules)}
            ident_file = {Quote(UserMap)}
            cluster_name = 'quickpay'

            listen_addresses = '127.0.0.1'
            port = {port}
            unix_socket_directories = {Quote(Socket)}
            unix_socket_permissions = 0700
            max_connections = 100

            ssl = on
            ssl_cert_file = {Quote(Certificate)}
            ssl_key_file = {Quote(Key)}
            ssl_min_protocol_version = 'TLSv1.3'
            password_encryption = 'scram-sha-256'

            # A commit that was answered is on disk. Never relaxed where money is.
            synchronous_commit = on
            fsync = {OnOff(tuning.Durable)}
            full_page_writes = {OnOff(tuning.Durable)}

            # Far apart checkpoints and compressed page images: half the log a transfer needs otherwise.
            wal_compression = lz4
            checkpoint_timeout = 30min
            max_wal_size = 8GB

            shared_buffers = {tuning.SharedBuffers}
            random_page_cost = 1.1
            effective_io_concurrency = 200

            # All statements are short and prepared; compiling them costs more than it saves.
            jit = off

            # Balances find room on their own page (HOT) without vacuum. Once a minute is enough for the rest: at 15,000 transfers a second
            # and a million accounts, every ten seconds cost 3 µs a transfer, half of it for statistics that no plan of ours needs fresh.
            autovacuum_naptime = 60s
            autovacuum_vacuum_cost_delay = 1ms
            autovacuum_vacuum_cost_limit = 1000

            shared_preload_libraries = 'pg_stat_statements'
            track_io_timing = on

            # Standard error is the log file. Values of parameters stay out of it: they are names, numbers and money.
            log_line_prefix = '%m [%p] %q%u@%d '
            log_min_duration_statement = 1s
            log_parameter_max_length = 0
            log_parameter_max_length_on_error = 0
            log_lock_waits = on
            log_timezone = 'UTC'
            timezone = 'UTC'
            """ + "\n";

    // The first line that fits decides, and what none fits is refused. No line is for everybody: a role that somebody makes cannot come
    // over the network, nor can one of ours get into a database that is not QuickPay's.
    private static readonly string HostRulesText = $"""
        # The superuser: through the socket, and only the users of pg_ident.conf. Our roles: TLS and a password, from this machine.
        local    all                           {PostgresRoles.Superuser}  peer map=owner
        hostssl  postgres,template0,template1  all  127.0.0.1/32  reject
        hostssl  all  {string.Join(',', PostgresRoles.WithPassword)}  127.0.0.1/32  scram-sha-256
        host     all  all  all  reject

        """;

    private string UserMapText() =>
        string.Concat(
            new[] { Environment.UserName, User?.Name }.OfType<string>().Distinct().Select(name => $"owner \"{name}\" postgres\n")
        );

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string OnOff(bool value) => value ? "on" : "off";
}

/// <summary>What differs between a server for people and one for tests.</summary>
/// <param name="Durable">False lets a power cut lose data: for tests that do not cut anything.</param>
/// <param name="SharedBuffers">In PostgreSQL's notation.</param>
internal sealed record PostgresTuning(bool Durable, string SharedBuffers);
