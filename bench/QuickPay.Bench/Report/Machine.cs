using System.Runtime.InteropServices;
using Npgsql;
using QuickPay.Bench.Measure;

namespace QuickPay.Bench.Report;

/// <summary>Where a figure was measured; without it, it is none.</summary>
internal sealed record Machine(int Cores, string Cpu, long MemoryBytes, string Kernel, string DotNet, string PostgreSql, bool Optimized)
{
    public static async Task<Machine> OfAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SHOW server_version");
        var postgres = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        return new Machine(
            Environment.ProcessorCount,
            ProcFs.CpuModel(),
            ProcFs.MemoryTotalBytes(),
            Environment.OSVersion.Version.ToString(),
            RuntimeInformation.FrameworkDescription,
            postgres.Split(' ')[0],
            IsOptimized
        );
    }

    /// <summary>Built in Release. A Debug build is for trying the command, its figures mean nothing.</summary>
#if DEBUG
    public static bool IsOptimized => false;
#else
    public static bool IsOptimized => true;
#endif
}
