using System.Globalization;

namespace QuickPay.Bench.Measure;

/// <summary>Reads what Linux tells of a process under /proc. A process that has gone reads as zero.</summary>
internal static class ProcFs
{
    /// <summary>USER_HZ: the unit of the times in /proc/PID/stat, 100 on every Linux architecture .NET runs on.</summary>
    private const long TicksPerSecond = 100;

    /// <summary>User and system time of one process, in microseconds.</summary>
    public static long CpuMicroseconds(int pid) => TryStat(pid, out var stat) ? (stat.Own) * (1_000_000 / TicksPerSecond) : 0;

    /// <summary>
    /// The same for a process and all its children, those that have already ended included (their parent has inherited their
    /// times): so a PostgreSQL backend that comes and goes between two readings is still counted.
    /// </summary>
    public static long CpuMicrosecondsWithChildren(int pid)
    {
        if (!TryStat(pid, out var parent))
        {
            return 0;
        }

        var ticks = parent.Reaped;
        foreach (var process in WithChildren(pid))
        {
            ticks += TryStat(process, out var stat) ? stat.Own + (process == pid ? 0 : stat.Reaped) : 0;
        }

        return ticks * (1_000_000 / TicksPerSecond);
    }

    /// <summary>A process and its living children.</summary>
    public static IEnumerable<int> WithChildren(int pid) =>
        Directory
            .EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var other) ? other : 0)
            .Where(other => other == pid || (other > 0 && TryStat(other, out var stat) && stat.Parent == pid));

    /// <summary>Resident memory now and at its highest, in bytes.</summary>
    public static (long Resident, long Peak) Memory(int pid)
    {
        try
        {
            var lines = File.ReadAllLines($"/proc/{pid}/status");
            return (Field(lines, "VmRSS:"), Field(lines, "VmHWM:"));
        }
        catch (IOException)
        {
            return (0, 0);
        }
    }

    /// <summary>Time that all processors together were busy since the start of the machine, whoever kept them so.</summary>
    public static long BusyMicroseconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // proc(5): user nice system idle iowait irq softirq steal; guest time is in user already.
        return fields.Skip(1).Take(8).Where((_, i) => i is not (3 or 4)).Sum(Number) * (1_000_000 / TicksPerSecond);
    }

    public static string CpuModel()
    {
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    public static long MemoryTotalBytes() => Field(File.ReadAllLines("/proc/meminfo"), "MemTotal:");

    private static long Field(string[] lines, string name)
    {
        var line = lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        var text = line?[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return long.TryParse(text, CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes * 1_024 : 0;
    }

    private static bool TryStat(int pid, out (long Own, long Reaped, int Parent) stat)
    {
        stat = default;
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            // The name stands in parentheses and may contain anything; what follows the last one is fields 3 and up.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            stat = (Number(fields[11]) + Number(fields[12]), Number(fields[13]) + Number(fields[14]), (int)Number(fields[1]));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
