namespace QuickPay.Cli.Local.Zones;

/// <summary>
/// The files of one PostgreSQL among several: ours, which the server may read and not write, beside its own data.
/// <code>
/// pg-a/
///   postgresql.conf pg_hba.conf pg_ident.conf patroni.yml server.crt server.key ca.crt
///   server/            its own: data/, passwords for libpq
///   socket/
/// </code>
/// </summary>
internal sealed class PostgresNodeFiles
{
    /// <summary>The name of a standby that there is none of: a commit that waits for it waits.</summary>
    internal const string Nobody = "nobody";
    private readonly string _folder;
    private readonly Zone _zone;

    public PostgresNodeFiles(DataFolder data, string name, Zone zone, OsUser? user)
    {
        (_zone, User) = (zone, user);
        _folder = Path.Combine(data.Servers, name);
        Socket = data.SocketOf(name);
    }

    public OsUser? User { get; }

    public string Data => Path.Combine(State, "data");

    public string Socket { get; }

    /// <summary>The server's and its keeper's own: the data, which Patroni makes, moves and removes, and passwords for libpq.</summary>
    public string State => Path.Combine(_folder, "server");

    public string Configuration => Path.Combine(_folder, "postgresql.conf");

    public string PatroniConfiguration => Path.Combine(_folder, "patroni.yml");

    public string HostRules => Path.Combine(_folder, "pg_hba.conf");

    public string UserMap => Path.Combine(_folder, "pg_ident.conf");

    public string Certificate => Path.Combine(_folder, "server.crt");

    public string Key => Path.Combine(_folder, "server.key");

    public string Authority => Path.Combine(_folder, "ca.crt");

    /// <summary>What Patroni shows at etcd.</summary>
    public string EtcdCertificate => Path.Combine(_folder, "etcd-client.crt");

    public string EtcdKey => Path.Combine(_folder, "etcd-client.key");

    public string EtcdAuthority => Path.Combine(_folder, "etcd-ca.crt");

    /// <summary>The pid of its postmaster by its own word; null when there is none.</summary>
    public ProcessIdentity? Postmaster()
    {
        try
        {
            var first = File.ReadLines(Path.Combine(Data, "postmaster.pid")).FirstOrDefault();
            return int.TryParse(first, out var pid) && pid > 1 && IsPostgresOf(pid) ? ProcessIdentity.Of(pid) : null;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Prepare(Certificates certificates, string subnet)
    {
        PrivateFile.FolderReadableBy(User, _folder);
        PrivateFile.FolderOf(User, Socket);
        PrivateFile.FolderOf(User, State);
        certificates.Issue("QuickPay PostgreSQL", Certificate, Key, User, _zone.Address);
        PrivateFile.Write(Authority, File.ReadAllText(certificates.RootCertificateFile), User);
        PrivateFile.Write(HostRules, HostRulesText(subnet), User);
        PrivateFile.Write(UserMap, PostgresFiles.UserMapText(User), User);
    }

    /// <summary>What all nodes have in common, below what Patroni or the replica decides for each.</summary>
    /// <param name="tuning">For people or for tests.</param>
    /// <param name="more">Lines of this node alone.</param>
    public string ConfigurationText(PostgresTuning tuning, string more) =>
        $"""
            # Written at each start of QuickPay: changes belong in the code.
            hba_file = {PostgresConfiguration.Quote(HostRules)}
            ident_file = {PostgresConfiguration.Quote(UserMap)}
            unix_socket_directories = {PostgresConfiguration.Quote(Socket)}
            unix_socket_permissions = 0700
            {PostgresConfiguration.Common(tuning, Certificate, Key)}

            # No commit counts before a second node that can become primary has it on disk. Patroni names that node here, in a file that comes
            # after this one, and takes the name away when there is none: then this line holds, and commits wait. Its strict mode would write
            # `*` instead, with which anybody who streams from the primary may acknowledge, also a read replica that can never take over.
            synchronous_standby_names = '{Nobody}'

            # One that went silent is given up after this, and another one takes its place.
            wal_sender_timeout = 4s
            wal_receiver_timeout = 4s
            wal_receiver_status_interval = 1s
            wal_retrieve_retry_interval = 500ms
            tcp_keepalives_idle = 3
            tcp_keepalives_interval = 1
            tcp_keepalives_count = 3
            tcp_user_timeout = 6s

            # Enough for a node that was away for a while; a slot of one that stays away must not fill the disk.
            wal_keep_size = 256MB
            max_slot_wal_keep_size = 2GB
            # Rewinding and copying from a standby need whole pages in the log, also where nobody cuts the power.
            full_page_writes = on
            hot_standby = on
            hot_standby_feedback = off
            {more}
            """ + "\n";

    // The first line that fits decides, and what none fits is refused.
    private static string HostRulesText(string subnet) =>
        $"""
            # The superuser: through the socket, and only the users of pg_ident.conf. Our roles and other nodes: TLS and a password, from our network.
            local    all,replication               {PostgresRoles.Superuser}  peer map=owner
            local    replication                   {PostgresRoles.Replicator}  scram-sha-256
            hostssl  replication  {PostgresRoles.Replicator}  {subnet}  scram-sha-256
            hostssl  postgres     {PostgresRoles.Rewinder}  {subnet}  scram-sha-256
            hostssl  postgres,template0,template1  all  {subnet}  reject
            hostssl  all  {string.Join(',', PostgresRoles.WithPassword)}  {subnet}  scram-sha-256
            host     all,replication  all  all  reject

            """;

    private bool IsPostgresOf(int pid)
    {
        try
        {
            // A number that is used again by another program must not get the signals that are meant for the server.
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(Data, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
