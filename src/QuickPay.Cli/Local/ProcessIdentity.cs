using System.Globalization;

namespace QuickPay.Cli.Local;

/// <summary>
/// Which process exactly: its number, when it started (clock ticks since boot) and the boot. Numbers are used again, also after a reboot, so
/// a number alone must never be trusted, least of all to send it a signal.
/// </summary>
public sealed record ProcessIdentity(int Pid, long StartTicks, string BootId)
{
    /// <summary>The identity of a running process, null when there is none of that number.</summary>
    public static ProcessIdentity? Of(int pid) => ReadStat(pid) is { } stat ? new(pid, stat.StartTicks, CurrentBoot()) : null;

    /// <summary>Whether this very process runs (a zombie does not).</summary>
    public bool IsAlive => BootId == CurrentBoot() && ReadStat(Pid) is { State: not ('Z' or 'X') } stat && stat.StartTicks == StartTicks;

    private static string CurrentBoot() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    private static (char State, long StartTicks)? ReadStat(int pid)
    {
        try
        {
            // proc(5): the name stands in brackets and may itself hold spaces and brackets, so count fields from the last bracket.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
