using Microsoft.Extensions.Hosting;

namespace QuickPay.Redis;

/// <summary>Connects before the first request comes, not with it. A Redis that is away does not keep the server from starting.</summary>
internal sealed class ConnectAtStart(RedisConnection redis) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken) => await redis.IsReadyAsync();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
