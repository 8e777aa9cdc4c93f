using System.ComponentModel;
using System.Diagnostics;
using System.Net;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>The tool that is known for it, against a real edge: its clients get what the edge allows them, and others are served.</summary>
public sealed class SlowHttpTests(ITestOutputHelper output)
{
    [Theory]
    [Trait("Category", "slow")]
    [InlineData("-H", "-x 24 -i 2")]
    [InlineData("-B", "-x 10 -i 2 -s 8192")]
    [InlineData("-X", "-w 1 -y 2 -n 2 -z 1")]
    public async Task Slowhttptest_does_not_exhaust_the_edge(string attack, string how)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var tool = Start($"{attack} {how} -c 1000 -r 200 -l 30 -p 3 -u https://127.0.0.1:{edge.Https.Port}/v1/accounts");
        using var member = edge.Client(IPAddress.Parse("127.0.0.3"));
        List<double> milliseconds = [];

        // The tool lets go after 30 s; what it says to the end tells how far it got.
        var said = tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!said.IsCompleted && await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            var started = TimeProvider.System.GetTimestamp();
            using var answer = await member.GetAsync("/v1/accounts", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            milliseconds.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
        }
        milliseconds.Sort();

        output.WriteLine(
            $"{milliseconds.Count} requests, median {milliseconds[milliseconds.Count / 2]:N1} ms, worst {milliseconds[^1]:N1} ms"
        );
        output.WriteLine(await said);
        Assert.True(milliseconds.Count > 20, "The tool ended at once.");
        Assert.InRange(milliseconds[^1], 0, 2_000);
    }

    private static Process Start(string arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("slowhttptest", arguments) { RedirectStandardOutput = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Fail("slowhttptest is missing. To install it: sudo apt-get install -y --no-install-recommends slowhttptest");
            throw;
        }
    }
}
