using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using QuickPay.Telemetry;

namespace QuickPay.Hosting;

/// <summary>
/// Traces of requests and of what they ask the database, handed to a collector beside the host (OTLP by HTTP). No request ever waits for that: what the
/// collector does not take is dropped. Without <c>Tracing:Endpoint</c> nothing of it is there.
/// </summary>
public static class Tracing
{
    /// <summary>Npgsql tells each statement under this name: its text, never its values.</summary>
    private const string Database = "Npgsql";

    private const int WaitingMax = 2_048;
    private const int HandOverEveryMs = 1_000;

    /// <summary>A collector that hangs holds up the end of a host for so long.</summary>
    private const int DeadlineMs = 2_000;

    /// <param name="builder">The host.</param>
    /// <param name="service">What it is called in a trace: <c>quickpay-api</c>.</param>
    public static void AddTracing(this WebApplicationBuilder builder, string service)
    {
        var section = builder.Configuration.GetSection(TracingOptions.Section);
        builder.Services.AddOptions<TracingOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        // What is wrong with it is told with all else that is.
        if (!Uri.TryCreate(section[nameof(TracingOptions.Endpoint)], UriKind.Absolute, out var collector))
        {
            return;
        }
        builder
            .Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource.AddService(service, serviceVersion: typeof(Tracing).Assembly.GetName().Version?.ToString())
            )
            .WithTracing(traces =>
                traces
                    .SetSampler(provider => new RequestSampler(
                        provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<TracingOptions>>().Value.SampleRatio
                    ))
                    .AddAspNetCoreInstrumentation(requests =>
                        // A probe a second of every load balancer would be most of what is told.
                        requests.Filter = context => !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
                    )
                    .AddSource(Database)
                    // Before they are handed over.
                    .AddProcessor(new NothingPersonal())
                    .AddOtlpExporter(
                        (exporter) =>
                        {
                            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                            exporter.Endpoint = new Uri(collector, "/v1/traces");
                            exporter.TimeoutMilliseconds = DeadlineMs;
                            exporter.ExportProcessorType = ExportProcessorType.Batch;
                            exporter.BatchExportProcessorOptions = new BatchExportActivityProcessorOptions
                            {
                                MaxQueueSize = WaitingMax,
                                ScheduledDelayMilliseconds = HandOverEveryMs,
                                ExporterTimeoutMilliseconds = DeadlineMs,
                            };
                        }
                    )
            );
    }
}
