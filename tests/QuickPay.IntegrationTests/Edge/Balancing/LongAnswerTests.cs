using Microsoft.AspNetCore.Http;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>Answers that are passed on as they come, for as long as they take: statements.</summary>
public sealed class LongAnswerTests
{
    private static readonly Uri Statement = new(
        "/v1/accounts/019aa9d1-0c00-7f02-8a51-6f1b0c9d4e22/statement?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z",
        UriKind.Relative
    );

    /// <summary>As a statement that its API server had to break off: the server itself may be well.</summary>
    [Fact]
    public async Task A_server_of_which_a_long_answer_breaks_off_is_asked_how_it_is_and_stays()
    {
        var isBroken = true;
        await using var one = await FakeServer.StartAsync(
            async context =>
            {
                context.Response.ContentType = "text/csv";
                await context.Response.WriteAsync(new string('x', 100_000));
                await context.Response.Body.FlushAsync();
                if (isBroken)
                {
                    context.Abort();
                }
            },
            "api-1"
        );
        await using var two = await FakeServer.StartAsync(id: "api-2");
        await using var edge = await EdgeUnderTest.StartAsync([one, two], ("Balancing:ProbeEveryMs", "60000"));
        using var member = new BalancedClient(edge);
        var probes = one.Probes;
        // A probe without an answer changes nothing: what is in stays in, and what is out stays out.
        one.IsSilent = true;

        await Eventually.IsTrueAsync(() => BreaksOffAsync(member), "the long answer was asked for");
        await Eventually.IsTrueAsync(() => one.Probes > probes, "its server is asked at once");
        (isBroken, var before) = (false, one.Requests);
        await Eventually.IsTrueAsync(
            async () =>
            {
                Assert.Equal(200, (await member.GetAsync(Statement.ToString())).Status);
                return one.Requests > before;
            },
            "it gets more"
        );
    }

    private static async Task<bool> BreaksOffAsync(BalancedClient member)
    {
        try
        {
            await member.GetAsync(Statement.ToString());
            return false;
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            return true;
        }
    }

    [Fact]
    public async Task A_long_answer_of_the_second_server_is_not_cut_by_the_time_for_answers_to_come()
    {
        var never = new TaskCompletionSource();
        var requests = 0;
        RequestDelegate breaksThenTakesLong = async context =>
        {
            if (Interlocked.Increment(ref requests) == 1)
            {
                context.Abort();
                return;
            }
            context.Response.ContentType = "text/csv";
            for (var part = 0; part < 6; part++)
            {
                await context.Response.WriteAsync("part\r\n");
                await context.Response.Body.FlushAsync();
                await never
                    .Task.WaitAsync(TimeSpan.FromMilliseconds(300), TimeProvider.System)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        };
        await using var one = await FakeServer.StartAsync(breaksThenTakesLong, "api-1");
        await using var two = await FakeServer.StartAsync(breaksThenTakesLong, "api-2");
        await using var edge = await EdgeUnderTest.StartAsync([one, two], ("Balancing:AnswerTimeoutMs", "1000"));
        using var client = edge.Client();

        var text = await client.GetStringAsync(Statement, TestContext.Current.CancellationToken);

        Assert.Equal(6, text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(2, one.Requests + two.Requests);
    }
}
