using QuickPay.Bench.Report;
using QuickPay.Bench.Targets;
using QuickPay.Cli.Commands;
using QuickPay.Cli.Local;

namespace QuickPay.Bench.Commands;

/// <summary>Where a command makes its load: a private stack that is gone afterwards, or one that runs already.</summary>
internal sealed record RigOptions(Uri? TargetUrl, string? DataFolder, bool Keep)
{
    public bool UsesRunning => TargetUrl is not null || DataFolder is not null;
}

internal sealed class BenchRig : IAsyncDisposable
{
    private BenchRig(LocalStack? stack, QuickPayTarget target) => (Stack, Target) = (stack, target);

    /// <summary>The private stack, null when another one is used.</summary>
    public LocalStack? Stack { get; }

    public QuickPayTarget Target { get; }

    /// <param name="change">What a private stack shall have besides.</param>
    public static async Task<BenchRig> StartAsync(
        RigOptions options,
        BenchConsole console,
        TimeProvider clock,
        CancellationToken cancellationToken,
        bool withEdge = false,
        Func<LocalStackOptions, LocalStackOptions>? change = null
    )
    {
        if (options.UsesRunning)
        {
            return new BenchRig(null, QuickPayTarget.Running(options.TargetUrl, SharedOptions.DataFolderFrom(options.DataFolder)));
        }

        var servers = new LocalServersOptions
        {
            Data = DataFolder.At(Path.Combine(Programs.RepositoryRoot, ".quickpay", "bench")),
            Fresh = true,
            DeleteAtEnd = !options.Keep,
            Say = console.Step,
            Clock = clock,
        };
        // Not supervised: a server that dies under load shall be seen, not brought back.
        var stackOptions = new LocalStackOptions
        {
            Servers = servers,
            Port = withEdge ? StackPorts.FreeHttps() : Ports.FreeFrom(null),
            Edges = withEdge ? 1 : 0,
            Supervised = false,
        };
        var stack = await LocalStack.StartAsync(change?.Invoke(stackOptions) ?? stackOptions, cancellationToken);
        return new BenchRig(stack, QuickPayTarget.Of(stack));
    }

    public async ValueTask DisposeAsync()
    {
        if (Stack is not null)
        {
            await Stack.DisposeAsync();
        }
    }
}
