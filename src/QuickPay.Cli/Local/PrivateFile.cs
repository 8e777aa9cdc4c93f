using System.Text;

namespace QuickPay.Cli.Local;

/// <summary>Files and folders that only those read who must.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode GroupMayRead = OwnerOnly | UnixFileMode.GroupRead;
    private const UnixFileMode AllMayRead = GroupMayRead | UnixFileMode.OtherRead;
    private const UnixFileMode GroupMayEnter = OwnerFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
    private const UnixFileMode AllMayPass =
        OwnerFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>
    /// Writes a file whole or not at all (0600). A <paramref name="reader"/> of another user gets it as root's file with mode 0640: readable,
    /// but not to be changed by the server that reads it.
    /// </summary>
    public static void Write(string path, string content, OsUser? reader = null)
    {
        var unfinished = WriteUnfinished(path, content);
        if (reader is not null)
        {
            Native.GiveTo(unfinished, 0, reader.GroupId);
            File.SetUnixFileMode(unfinished, GroupMayRead);
        }
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Writes a file whole or not at all (0600) that its server rewrites by itself: it becomes the server's.</summary>
    public static void WriteFor(OsUser? owner, string path, string content)
    {
        var unfinished = WriteUnfinished(path, content);
        if (owner is not null)
            Native.GiveTo(unfinished, owner.UserId, owner.GroupId);
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Writes a file that everybody may read (0644), whole or not at all.</summary>
    public static void WriteForAll(string path, string content)
    {
        var unfinished = WriteUnfinished(path, content);
        File.SetUnixFileMode(unfinished, AllMayRead);
        File.Move(unfinished, path, overwrite: true);
    }

    private static string WriteUnfinished(string path, string content)
    {
        var unfinished = $"{path}.{Environment.ProcessId}.tmp";
        File.Delete(unfinished);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        using var file = new FileStream(unfinished, options);
        file.Write(Encoding.UTF8.GetBytes(content));
        file.Flush(flushToDisk: true);
        return unfinished;
    }

    /// <summary>A folder for our eyes only.</summary>
    public static string Folder(string path) => Make(path, OwnerFolder);

    /// <summary>A folder that others may pass through, with nothing secret in itself.</summary>
    public static string OpenFolder(string path) => Make(path, AllMayPass);

    /// <summary>A folder of ours whose files a server may read: its configuration and keys.</summary>
    public static string FolderReadableBy(OsUser? reader, string path)
    {
        if (reader is null)
            return Folder(path);
        Make(path, GroupMayEnter);
        Native.GiveTo(path, 0, reader.GroupId);
        return path;
    }

    /// <summary>A folder that belongs to a server: its data.</summary>
    public static string FolderOf(OsUser? owner, string path)
    {
        Make(path, OwnerFolder);
        if (owner is not null)
            Native.GiveTo(path, owner.UserId, owner.GroupId);
        return path;
    }

    // The mode is set afterwards, since the umask takes bits away at creation.
    private static string Make(string path, UnixFileMode mode)
    {
        // Folders above it are nothing special.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Directory.CreateDirectory(path, OwnerFolder);
        File.SetUnixFileMode(path, mode);
        return path;
    }
}
