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
        certificates.Issue("QuickPay PostgreSQL", Certificate, Key, User);
        PrivateFile.Write(Configuration, ConfigurationText(tuning, port), User);
        PrivateFile.Write(HostRules, HostRulesText, User);
        PrivateFile.Write(UserMap, UserMapText(User), User);
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
            data_directory = {PostgresConfiguration.Quote(Data)}
            hba_file = {PostgresConfiguration.Quote(HostRules)}
            ident_file = {PostgresConfiguration.Quote(UserMap)}
            cluster_name = 'quickpay'

            listen_addresses = '127.0.0.1'
            port = {port}
            unix_socket_directories = {PostgresConfiguration.Quote(Socket)}
            unix_socket_permissions = 0700
            max_connections = 100

            {PostgresConfiguration.Common(tuning, Certificate, Key)}
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

    internal static string UserMapText(OsUser? user) =>
        string.Concat(
            new[] { Environment.UserName, user?.Name }.OfType<string>().Distinct().Select(name => $"owner \"{name}\" postgres\n")
        );
}
