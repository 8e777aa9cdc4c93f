using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Local;

/// <summary>
/// What one copy of QuickPay keeps on this machine (`.quickpay/`):
/// <code>
/// lock  state.json    who runs here, on which ports
/// tls/                our certificate authority
/// secrets/            passwords, token signing key, personal-data key
/// ca.crt              its certificate, for everybody: curl --cacert
/// zones               the subnet of three zones
/// settings/           one file for each edge, API server and worker, and the list of API servers
/// logs/
/// servers/            PostgreSQL and Redis, each with a folder of its own
/// </code>
/// The two servers run as users of their own when root starts them. Where those cannot enter (a project under /root), their part lies in
/// /var/lib and the file `servers-are-in` says where.
/// </summary>
public sealed class DataFolder
{
    private const string TemporaryPrefix = "quickpay-temporary-";
    private const string Reports = "drills";
    private const string Labs = "labs";
    private const string Pointer = "servers-are-in";
    private static readonly string[] OurFolders = ["servers", "tls", "secrets", "settings", "logs"];

    private DataFolder(string path) => Root = path;

    public string Root { get; }

    public string Tls => Path.Combine(Root, "tls");

    public string Secrets => Path.Combine(Root, "secrets");

    public string Settings => Path.Combine(Root, "settings");

    /// <summary>The API servers, as edges read them.</summary>
    public string ServersFile => Path.Combine(Settings, "servers.json");

    /// <summary>The certificate of our authority where everybody can read it: who comes in through the edge believes it.</summary>
    public string RootCertificate => Path.Combine(Root, "ca.crt");

    public string Logs => Path.Combine(Root, "logs");

    /// <summary>Where PostgreSQL and Redis keep theirs.</summary>
    public string Servers => File.Exists(PointerFile) ? Outside : Path.Combine(Root, "servers");

    /// <summary>Where PostgreSQL puts its unix socket. A socket's path has room for 107 characters (unix(7)), and a project may lie deeper.</summary>
    internal string PostgresSocket => SocketOf("postgres");

    internal string SocketOf(string server) =>
        Path.Combine(Servers, server, "socket") is var inside && inside.Length <= 85
            ? inside
            : Path.Combine(SocketsOutside, $"{SocketPrefix}{(server == "postgres" ? "" : $"-{server}")}");

    private static string SocketsOutside => Environment.IsPrivilegedProcess ? "/run" : "/tmp";

    private string SocketPrefix => $"quickpay-socket-{ShortHash(Servers)}";

    /// <summary>What drills have found: outlives their stacks.</summary>
    public string DrillReports => Path.Combine(Root, Reports);

    /// <summary>What guided measurements have found: outlives their stacks, too.</summary>
    public string LabReports => Path.Combine(Root, Labs);

    internal string LockFile => Path.Combine(Root, "lock");

    /// <summary>Where the zones have their addresses: see <see cref="ZoneSubnet"/>.</summary>
    internal string ZonesFile => Path.Combine(Root, "zones");

    internal string StateFile => Path.Combine(Root, "state.json");

    private string PointerFile => Path.Combine(Root, Pointer);

    // Computed, never read back from the pointer: what a file says must not decide which folder root empties.
    private string Outside => $"/var/lib/quickpay-{ShortHash(Root)}";

    /// <summary>Names a folder without making it.</summary>
    public static DataFolder At(string path) => new(Path.GetFullPath(path));

    /// <summary>
    /// A new folder of its own below the machine's temporary one; whoever asks for it removes it (<see cref="Delete"/>). Those that were
    /// killed before they could are cleaned up after.
    /// </summary>
    public static DataFolder Temporary(string purpose)
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), TemporaryPrefix + "*").Select(At))
            DeleteIfLeftBehind(folder);
        return new DataFolder(Directory.CreateTempSubdirectory($"{TemporaryPrefix}{purpose}-").FullName);
    }

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="LocalException">The folder holds something else, or cannot be written.</exception>
    internal void Create()
    {
        try
        {
            if (Directory.Exists(Root) && !File.Exists(LockFile) && Directory.EnumerateFileSystemEntries(Root).Any(IsForeign))
                throw new LocalException($"{Root} is not empty and not a QuickPay data folder. Name another one with --data.");
            PrivateFile.OpenFolder(Root);
            foreach (var folder in (string[])[Tls, Secrets, Settings, Logs])
                PrivateFile.Folder(folder);
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            throw new LocalException($"Cannot write to {Root} ({denied.Message}). Name a folder of yours with --data.", denied);
        }
    }

    /// <summary>A folder keeps the layout it was made with: a database alone knows nothing of standbys, and one of several would start alone.</summary>
    /// <exception cref="LocalException">It was made with the other one.</exception>
    internal void RequireTopology(bool multiAz)
    {
        var (alone, several) = (Directory.Exists(Path.Combine(Servers, "postgres")), Directory.Exists(Path.Combine(Servers, "pg-a")));
        if (multiAz ? alone : several)
            throw new LocalException(
                $"{Root} holds a {(alone ? "single" : "multi-az")} database. Name another folder with --data, or begin anew with --fresh (which deletes it)."
            );
    }

    /// <summary>Decides once where the servers' part lies, so that each of the users can get there.</summary>
    internal async Task PlaceServersAsync(IReadOnlyCollection<OsUser> users, Action<string> say, CancellationToken cancellationToken)
    {
        var inside = Path.Combine(Root, "servers");
        if (File.Exists(PointerFile) && File.ReadAllText(PointerFile).Trim() is var written && written != Outside)
            throw new LocalException(
                $"{Root} was moved or copied: its database is in {written}. Moved: `mv {written} {Outside} && echo {Outside} >{PointerFile}`. "
                    + $"Copied: `rm {PointerFile}` and start empty."
            );
        if (File.Exists(PointerFile) || await CanAllEnterAsync(Root, users, cancellationToken).ConfigureAwait(false))
        {
            PrivateFile.OpenFolder(Servers);
            return;
        }
        if (Directory.Exists(inside))
            throw new LocalException($"{inside} holds data, but {string.Join(", ", users.Select(u => u.Name))} can no longer enter it.");
        PrivateFile.OpenFolder(Outside);
        PrivateFile.Write(PointerFile, Outside + "\n");
        say($"PostgreSQL and Redis run as users that cannot enter {Root}: their data is in {Outside}");
    }

    /// <summary>Removes what belongs to QuickPay and nothing else; the lock stays, it is held.</summary>
    internal void Empty()
    {
        SmallDisk.UnmountBelow(Servers);
        foreach (
            var folder in OurFolders
                .Select(name => Path.Combine(Root, name))
                .Prepend(Servers)
                .Concat(Directory.EnumerateDirectories(SocketsOutside, SocketPrefix + "*"))
                .ToList()
        )
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        File.Delete(PointerFile);
        File.Delete(StateFile);
        File.Delete(ZonesFile);
        File.Delete(RootCertificate);
    }

    /// <summary>Removes the folder: for temporary ones.</summary>
    public void Delete()
    {
        if (!Directory.Exists(Root))
            return;
        Empty();
        Directory.Delete(Root, recursive: true);
    }

    // Another data folder may lie in this one (the benchmark's does), and may have been there first.
    // So may reports of drills and labs, which run on stacks of their own.
    private static bool IsForeign(string entry) => !File.Exists(At(entry).LockFile) && Path.GetFileName(entry) is not (Reports or Labs);

    internal static string ShortHash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..10];

    private static void DeleteIfLeftBehind(DataFolder folder)
    {
        try
        {
            var state = RunState.Read(folder);
            if (state is not { Owner.IsAlive: false })
                return;
            using (FolderLock.Take(folder))
            {
                // One that was frozen when its owner was killed hears of nothing.
                FolderLock.StopOrphansAsync(folder, _ => { }, TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
                ZoneNetwork.RemoveLeftoverAsync(folder).GetAwaiter().GetResult();
                folder.Delete();
            }
        }
        catch (Exception notOurs)
            when (notOurs is UnauthorizedAccessException or LocalException or IOException or StartFailedException or Win32Exception)
        {
            // Another user's, or somebody is just starting in it or deleting it; or it cannot be taken down: nobody else shall suffer from it.
        }
    }

    private static async Task<bool> CanAllEnterAsync(string folder, IEnumerable<OsUser> users, CancellationToken cancellationToken)
    {
        foreach (var user in users)
        {
            // Asked by entering: modes of all parents, access lists and mount options at once.
            var (exitCode, _, _) = await Tool.TryRunAsync("/bin/sh", ["-c", """cd "$0" """, folder], user, null, cancellationToken)
                .ConfigureAwait(false);
            if (exitCode != 0)
                return false;
        }
        return true;
    }
}
