using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using QuickPay.Edge;
using QuickPay.Tests.Tidy;

namespace QuickPay.Tests.Edge;

public sealed partial class EdgeTelemetryTests
{
    [Fact]
    public void The_edges_page_names_every_instrument_and_no_other()
    {
        var instruments = typeof(EdgeTelemetry)
            .GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(field => field.GetValue(null))
            .OfType<Instrument>()
            .Select(instrument => instrument.Name);

        var page = Repository.Read("docs/concepts/edge.md");

        Assert.Equal(instruments.Order(), Names().Matches(page).Select(match => match.Value).Distinct().Order());
    }

    [GeneratedRegex(@"quickpay\.edge\.[a-z_.]*[a-z]")]
    private static partial Regex Names();
}
