using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace QuickPay.Hosting;

/// <summary>
/// What every host does first: settings from the one file that <c>QUICKPAY_SETTINGS</c> names (it contains the secrets, and only
/// its owner may read it), log lines as JSON, and time to finish what is under way when told to stop.
/// </summary>
public static class HostSettings
{
    /// <summary>The environment variable that names the settings file.</summary>
    public const string FileVariable = "QUICKPAY_SETTINGS";
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(25);

    public static WebApplicationBuilder AddHostSettings(this WebApplicationBuilder builder)
    {
        if (Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } path)
        {
            builder.Configuration.AddJsonFile(Path.GetFullPath(path), optional: false, reloadOnChange: false);
        }
        builder.Services.AddSingleton<IExternalScopeProvider, TraceScope>();
        builder.Logging.ClearProviders().AddJsonConsole(console => (console.UseUtcTimestamp, console.IncludeScopes) = (true, true));
        builder
            .Logging.SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning)
            // It tells each step of each connection.
            .AddFilter("StackExchange", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = DrainMax;
            // One after the other, in the reverse order of their start: the posting engine stops after the web server has drained.
            host.ServicesStopConcurrently = false;
        });
        return builder;
    }
}
