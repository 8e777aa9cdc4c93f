using System.Diagnostics;

namespace QuickPay.Cli.Local;

/// <summary>Runs a program to its end and gives back what it said.</summary>
internal static class Tool
{
    /// <exception cref="StartFailedException">It ended with another code than 0; the message holds its last words.</exception>
    public static async Task<string> RunAsync(
        string fileName,
        IEnumerable<string> arguments,
        OsUser? user,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken
    )
    {
        var (exitCode, output, errors) = await TryRunAsync(fileName, arguments, user, environment, cancellationToken).ConfigureAwait(false);
        return exitCode == 0
            ? output
            : throw new StartFailedException(
                $"{Path.GetFileName(fileName)} failed ({exitCode}): {(errors.Length > 0 ? errors : output).Trim()}"
            );
    }

    public static async Task<(int ExitCode, string Output, string Errors)> TryRunAsync(
        string fileName,
        IEnumerable<string> arguments,
        OsUser? user,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken,
        string? input = null
    )
    {
        var command = ChildProcess.Confine(user, Signal.Terminate).Append(fileName).Concat(arguments).ToList();
        var info = new ProcessStartInfo("setsid", command)
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (user is not null)
            ChildProcess.KeepOnlyHarmless(info.Environment);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            info.Environment[name] = value;

        using var process = await ChildProcess.LaunchAsync(info).ConfigureAwait(false);
        if (input is not null)
            await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
        process.StandardInput.Close();
        await using var onCancel = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return (process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
    }
}
