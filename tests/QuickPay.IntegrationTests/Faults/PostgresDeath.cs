using System.Globalization;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Faults;

/// <summary>Ways for a PostgreSQL server to die by SIGKILL.</summary>
internal static class PostgresDeath
{
    /// <summary>The postmaster alone: what its sessions are doing, a COMMIT perhaps, they finish; then they notice.</summary>
    public static Task KillPostmasterAsync(LocalServers servers) => servers.Postgres.KillAsync();

    /// <summary>Every process of the server at once, in the middle of whatever it does.</summary>
    public static Task KillEverythingAsync(LocalServers servers)
    {
        var postmaster = servers.Postgres.Process!;
        // Frozen first, so that it starts nothing new meanwhile.
        postmaster.TrySignal(Signal.Stop);
        var children = File.ReadAllText($"/proc/{postmaster.Pid}/task/{postmaster.Pid}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var child in children)
        {
            Native.TrySignal(int.Parse(child, CultureInfo.InvariantCulture), Signal.Kill);
        }
        return servers.Postgres.KillAsync();
    }

    /// <summary>One session: the server ends all others, recovers and goes on by itself.</summary>
    public static async Task KillOneSessionAsync(Superuser superuser)
    {
        var pid = await superuser.AskAsync<int>($"SELECT pid FROM pg_stat_activity WHERE {Superuser.Lanes} ORDER BY random() LIMIT 1");
        Native.TrySignal(pid, Signal.Kill);
    }
}
