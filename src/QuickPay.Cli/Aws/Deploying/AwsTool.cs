using System.Text.Json;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>AWS's own command, with the caller's account and rights. Its answers are JSON.</summary>
internal sealed class AwsTool
{
    /// <summary>By the environment: the option for it is unknown to the command's first version, which has no pager.</summary>
    private static readonly Dictionary<string, string> NoPager = new() { ["AWS_PAGER"] = "" };
    private readonly AwsCommand _command;

    private AwsTool(AwsCommand command) => _command = command;

    /// <summary>One that is in its place.</summary>
    public static AwsTool At(string program) =>
        new((arguments, cancellationToken) => Tool.TryRunAsync(program, arguments, user: null, NoPager, cancellationToken));

    /// <summary>One that is told and answers without being a program of its own.</summary>
    public static AwsTool Of(AwsCommand command) => new(command);

    /// <exception cref="LocalException">It is not installed.</exception>
    public static AwsTool Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, "aws")).FirstOrDefault(File.Exists) is { } program
            ? At(program)
            : throw new LocalException("The command `aws` is missing. Install it: apt-get install awscli");
    }

    /// <param name="region">Null for what has none.</param>
    /// <param name="cancellationToken">Ends the command; what it has begun on AWS goes on.</param>
    /// <param name="arguments">Of <c>aws</c>.</param>
    /// <exception cref="AwsException">AWS refused.</exception>
    public async Task<JsonElement> AskAsync(string? region, CancellationToken cancellationToken, params string[] arguments)
    {
        var (exitCode, output, errors) = await _command(
            [.. arguments, "--output", "json", .. region is null ? Array.Empty<string>() : ["--region", region]],
            cancellationToken
        );
        if (exitCode != 0)
        {
            throw new AwsException($"aws {string.Join(' ', arguments.Take(2))}", errors.Trim());
        }
        return output.Trim().Length == 0 ? default : JsonDocument.Parse(output).RootElement;
    }
}

/// <summary>A call of <c>aws</c>: how it ended and what it said.</summary>
internal delegate Task<(int ExitCode, string Output, string Errors)> AwsCommand(
    IReadOnlyList<string> arguments,
    CancellationToken cancellationToken
);

/// <summary>AWS refused what was asked.</summary>
internal sealed class AwsException(string what, string said) : Exception($"{what}: {said}")
{
    /// <summary>In AWS's words.</summary>
    public string Said { get; } = said;

    /// <summary>The caller may not do that. What a stack says of the rights of its role is another thing, and in other words.</summary>
    public bool IsDenied => Says("An error occurred (AccessDenied") || Says("An error occurred (UnauthorizedOperation");

    public bool Says(string words) => Said.Contains(words, StringComparison.OrdinalIgnoreCase);
}
