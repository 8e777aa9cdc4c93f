using System.Globalization;

namespace QuickPay.Cli.Local.Zones;

/// <summary>A disk of its own for one server, small enough to be filled: a file system in memory, which takes root.</summary>
internal static class SmallDisk
{
    /// <summary>Puts one where this folder is; what it held before is out of sight.</summary>
    /// <exception cref="LocalException">We may not mount.</exception>
    public static async Task MountAsync(string folder, int megabytes, OsUser? owner, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new LocalException("A disk that can be filled takes root: run this as root.");
        Unmount(folder);
        var options = string.Create(
            CultureInfo.InvariantCulture,
            $"size={megabytes}m,mode=0700,uid={owner?.UserId ?? 0},gid={owner?.GroupId ?? 0}"
        );
        await Tool.RunAsync("/usr/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], null, null, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Takes away every one below a folder; nothing happens when there is none.</summary>
    public static void UnmountBelow(string folder)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        var inside = folder.TrimEnd('/') + "/";
        // proc(5): device, mount point, type … A space in a name would be written as \040; our folders have none that we made.
        var mounted = File.ReadAllLines("/proc/self/mounts")
            .Select(line => line.Split(' '))
            .Where(fields => fields[2] == "tmpfs" && fields[1].StartsWith(inside, StringComparison.Ordinal))
            .Select(fields => fields[1])
            .ToList();
        mounted.ForEach(Unmount);
    }

    private static void Unmount(string folder) => Native.Unmount(folder);
}
