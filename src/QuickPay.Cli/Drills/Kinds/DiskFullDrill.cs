using Npgsql;
using QuickPay.Cli.Drills.Runs;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Drills.Kinds;

/// <summary>The primary's disk is full, also for its log: it cannot go on, and the standby, whose disk is not, takes over.</summary>
internal static class DiskFullDrill
{
    // Each begins a new file of the log; those that lie ready are used up soon.
    private const string NextLogFile = "SELECT pg_logical_emit_message(false, 'drill', 'x'), pg_switch_wal()";
    private const int LogFilesMax = 60;
    private const int Block = 1 << 20;

    // Nothing that anybody would miss.
    private const long SizeMax = 2L << 30;

    public static Drill Create() =>
        new(
            "disk-full",
            "the primary's disk is filled to the last byte; later there is room again",
            DatabaseDrill.Promise,
            DatabaseDrill.Goal,
            RunAsync
        )
        {
            FillsDisk = true,
        };

    private static async Task RunAsync(DrillStage stage, CancellationToken cancellationToken)
    {
        var primary = await stage.PrimaryAsync(cancellationToken);
        var ballast = Path.Combine(primary.DiskFolder, "ballast");
        var disk = new DriveInfo(primary.DiskFolder);
        if (disk.DriveFormat != "tmpfs" || disk.TotalSize > SizeMax)
            throw new InvalidOperationException($"{primary.DiskFolder} is no small disk: it is not filled.");
        stage.Fault($"the disk of {primary.NodeName}, the primary, is full");
        var filled = Fill(ballast);
        var free = disk.AvailableFreeSpace;
        try
        {
            await UseUpLogFilesAsync(primary, cancellationToken);
            await stage.UntilRecoveredAsync(DatabaseDrill.Promise, cancellationToken);
        }
        finally
        {
            File.Delete(ballast);
        }
        var now = (await stage.Stack.Postgres.ViewAsync(cancellationToken)).Primary?.Name;
        stage.Judge("The disk was full", filled > 0 && free == 0, $"{filled >> 20} MB of ballast, {free} bytes free");
        stage.Judge("Another node is primary", now is not null && now != primary.NodeName, now ?? "nobody");
        stage.Note($"{primary.NodeName} has room again");
        await stage.JudgeFollowsAsync(primary, cancellationToken);
    }

    /// <summary>Writes until there is no room for a byte more.</summary>
    private static long Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var block = new byte[Block];
        for (var size = Block; size > 0; )
        {
            try
            {
                file.Write(block, 0, size);
            }
            catch (IOException)
            {
                // No room for so much.
                size /= 16;
            }
        }
        return file.Length;
    }

    /// <summary>Until the server cannot begin another one, which ends it.</summary>
    private static async Task UseUpLogFilesAsync(PatroniNode primary, CancellationToken cancellationToken)
    {
        await using var superuser = NpgsqlDataSource.Create(primary.SuperuserConnectionString());
        try
        {
            for (var i = 0; i < LogFilesMax; i++)
            {
                await using var command = superuser.CreateCommand(NextLogFile);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch (NpgsqlException)
        {
            // The end that was wanted.
        }
    }
}
