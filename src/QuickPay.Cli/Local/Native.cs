using System.ComponentModel;
using System.Runtime.InteropServices;

namespace QuickPay.Cli.Local;

/// <summary>POSIX signals by their Linux numbers.</summary>
public enum Signal
{
    Hangup = 1,
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>The calls of libc that .NET does not offer.</summary>
internal static partial class Native
{
    private const int NoSuchProcess = 3;
    private const int NoSuchFile = 2;
    private const int NotMounted = 22;

    // MNT_DETACH of umount(2).
    private const int DetachLazily = 2;

    /// <summary>Sends a signal; false when the process has already gone.</summary>
    public static bool TrySignal(int pid, Signal signal)
    {
        // kill(2) takes 0 and negative numbers as "a whole group" or "everything": never pass one on by accident.
        ArgumentOutOfRangeException.ThrowIfLessThan(pid, 2);
        if (Kill(pid, (int)signal) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error, $"Cannot send {signal} to process {pid}");
    }

    /// <summary>Gives a file to a user, without following a symbolic link.</summary>
    public static void GiveTo(string path, uint userId, uint groupId)
    {
        if (ChangeOwner(path, userId, groupId) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot change the owner of {path}");
    }

    /// <summary>Takes away what is mounted at a folder, also while somebody looks into it. Nothing happens when nothing is.</summary>
    public static void Unmount(string folder)
    {
        if (UnmountAt(folder, DetachLazily) == 0)
            return;
        var error = Marshal.GetLastPInvokeError();
        if (error != NotMounted && error != NoSuchFile)
            throw new Win32Exception(error, $"Cannot unmount {folder}");
    }

    /// <summary>
    /// Replaces this program by another one (exec), which then has our terminal, signals and exit code for its own. Returns only by an exception.
    /// </summary>
    public static int Become(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            if (SetEnvironment(name, value, 1) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot set {name}");
        Execute(program, [program, .. arguments, null]);
        throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot run {program}");
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execute(string program, string?[] arguments);

    // The program inherits the environment of libc, not the copy of .NET.
    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int UnmountAt(string folder, int flags);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeOwner(string path, uint userId, uint groupId);
}
