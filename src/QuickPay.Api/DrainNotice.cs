using Microsoft.Extensions.Options;

namespace QuickPay.Api;

/// <summary>
/// Between "stop" and the end of listening: <c>/health/ready</c> already answers 503, and everything else is still served, until the
/// load balancer has noticed. Without it, whoever connects in that moment would be turned away.
/// </summary>
internal sealed class DrainNotice(IOptions<ApiOptions> options, TimeProvider time) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(options.Value.DrainNoticeMs), time, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
