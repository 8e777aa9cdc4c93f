using QuickPay.Cli.Local;

namespace QuickPay.Cli.Lab;

/// <summary>
/// The course's integration test as a guided run: edge → API → PostgreSQL and Redis, each tier looked at from the one before and knocked
/// at from elsewhere, then a transfer followed through all of them. On a stack of its own, which is gone afterwards: two API servers.
/// </summary>
internal static class ThreeTierLab
{
    private const int ApiServers = 2;

    public static async Task RunAsync(LabReport report, Action<string> say, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var stack = await StartAsync(say, clock, cancellationToken);
        await CheckAsync(stack, report, clock, cancellationToken);
    }

    internal static Task<LocalStack> StartAsync(Action<string> say, TimeProvider clock, CancellationToken cancellationToken)
    {
        var servers = new LocalServersOptions
        {
            Data = DataFolder.Temporary("lab"),
            DeleteAtEnd = true,
            SharedBuffers = "128MB",
            Say = say,
            Clock = clock,
        };
        // What dies shall be seen, not brought back.
        return LocalStack.StartAsync(
            new LocalStackOptions
            {
                Servers = servers,
                Port = StackPorts.FreeHttps(ApiServers),
                ApiServers = ApiServers,
                LogRequests = true,
                Supervised = false,
            },
            cancellationToken
        );
    }

    internal static async Task CheckAsync(LocalStack stack, LabReport report, TimeProvider clock, CancellationToken cancellationToken)
    {
        await new EdgeTier(stack, report).CheckAsync(cancellationToken);
        await new ApiTier(stack, report).CheckAsync(cancellationToken);
        await new PostgresTier(stack.Servers.Postgres, report).CheckAsync(cancellationToken);
        await new RedisTier(stack.Servers.Redis, report).CheckAsync(cancellationToken);
        using var trail = new TransferTrail(stack, report, clock);
        await trail.CheckAsync(cancellationToken);
    }
}
