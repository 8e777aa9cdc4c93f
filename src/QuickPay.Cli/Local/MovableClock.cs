using System.Globalization;

namespace QuickPay.Cli.Local;

/// <summary>
/// A wall clock for one process that can be put wrong while the process runs: Debian's libfaketime in front of it. Only what time it is
/// changes; how long something takes does not, as when a machine's clock is set.
/// </summary>
internal sealed class MovableClock
{
    private const string Package = "libfaketime";
    private readonly string _file;

    /// <param name="file">What the process reads how wrong it is from, each time that it looks at its clock.</param>
    public MovableClock(string file)
    {
        _file = file;
        Move(TimeSpan.Zero);
    }

    /// <summary>What the process has to have in its environment.</summary>
    /// <exception cref="LocalException">The package is missing.</exception>
    public IEnumerable<(string Name, string Value)> Environment =>
        [("LD_PRELOAD", Library()), ("FAKETIME_TIMESTAMP_FILE", _file), ("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];

    /// <summary>From here on the clock is off by this much.</summary>
    public void Move(TimeSpan by)
    {
        // In its place at once: half of a file would be another time.
        var next = $"{_file}.next";
        File.WriteAllText(next, string.Create(CultureInfo.InvariantCulture, $"{by.TotalSeconds:+0;-0;+0}\n"));
        File.Move(next, _file, overwrite: true);
    }

    /// <summary>What the library keeps in memory for a process, and leaves there when it is killed or becomes another program.</summary>
    /// <param name="pid">That has ended.</param>
    public static void ForgetProcess(int pid)
    {
        foreach (var name in (string[])["faketime_shm_", "sem.faketime_sem_"])
            File.Delete(string.Create(CultureInfo.InvariantCulture, $"/dev/shm/{name}{pid}"));
    }

    private static string Library() =>
        Directory
            .EnumerateDirectories("/usr/lib", "*-linux-gnu*")
            .Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1"))
            .FirstOrDefault(File.Exists)
        ?? throw new LocalException($"libfaketimeMT.so.1 is missing. Install it: apt-get install {Package}");
}
