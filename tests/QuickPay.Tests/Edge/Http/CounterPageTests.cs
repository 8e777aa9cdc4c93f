using QuickPay.Edge;
using QuickPay.Hosting;

namespace QuickPay.Tests.Edge.Http;

public sealed class CounterPageTests
{
    [Fact]
    public void Each_counter_is_summed_up_for_each_set_of_its_tags()
    {
        using var page = new CounterPage(EdgeTelemetry.MeterName);
        foreach (var (state, count) in ((string, int)[])[("in", 2), ("out", 1), ("in", 3)])
        {
            EdgeTelemetry.ServerChanges.Add(count, new("server", "summed=up"), new("state", state));
        }
        EdgeTelemetry.Unanswered.Add(4, new KeyValuePair<string, object?>("server", "summed=up"));

        var ours = page.Read().Where(reading => reading.Tags.GetValueOrDefault("server") == "summed=up").ToList();

        Assert.Equal(
            [("quickpay.edge.server.changes", "in", 5), ("quickpay.edge.server.changes", "out", 1), ("quickpay.edge.unanswered", "", 4)],
            ours.Select(reading => (reading.Name, reading.Tags.GetValueOrDefault("state", ""), reading.Value))
        );
    }
}
