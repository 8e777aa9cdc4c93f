using System.Diagnostics;
using OpenTelemetry;

namespace QuickPay.Hosting;

/// <summary>
/// Leaves in a trace what is listed here, and takes everything else out: a path has ids of accounts, a query whatever a member looks for, and the next
/// version of an instrumentation may tell more than this one. The route says as much of a request as is needed.
/// </summary>
internal sealed class NothingPersonal : BaseProcessor<Activity>
{
    private static readonly HashSet<string> Kept =
    [
        "db.name",
        "db.namespace",
        "db.operation.batch.size",
        "db.query.text",
        "db.response.status_code",
        "db.statement",
        "db.system",
        "db.system.name",
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "network.protocol.version",
        "otel.status_code",
        "server.address",
        "server.port",
        "url.scheme",
    ];

    public override void OnEnd(Activity data)
    {
        foreach (var name in data.TagObjects.Select(tag => tag.Key).Where(name => !Kept.Contains(name)).ToList())
        {
            data.SetTag(name, null);
        }
        if (data.Status == ActivityStatusCode.Error)
        {
            // Without its words: those of an error may name what was asked for.
            data.SetStatus(ActivityStatusCode.Error);
        }
    }
}
