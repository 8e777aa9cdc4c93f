using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace QuickPay.Hosting;

/// <summary>
/// Between "stop" and the end of listening: <c>/health/ready</c> already answers 503, and everything else is still served, until the
/// load balancer has noticed. Without it, whoever connects in that moment would be turned away.
/// </summary>
public sealed class DrainNotice(TimeSpan notice, TimeProvider time) : IHostedLifecycleService
{
    /// <summary>Whose patience ends before the notice does stops all the same.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken) =>
        await Task.Delay(notice, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Registers the notice.</summary>
public static class DrainNoticeRegistration
{
    /// <param name="services">The host's services.</param>
    /// <param name="noticeMs">How long the notice is, from the host's options.</param>
    public static IServiceCollection AddDrainNotice<TOptions>(this IServiceCollection services, Func<TOptions, int> noticeMs)
        where TOptions : class =>
        services.AddHostedService(provider => new DrainNotice(
            TimeSpan.FromMilliseconds(noticeMs(provider.GetRequiredService<IOptions<TOptions>>().Value)),
            provider.GetRequiredService<TimeProvider>()
        ));
}
