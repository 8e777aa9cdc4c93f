using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>What every problem says, whichever it is.</summary>
public sealed class ProblemTests(ApiBankFixture fixture) : ApiTests(fixture)
{
    /// <summary>W3C Trace Context: trace-id is the second field.</summary>
    [Fact]
    public async Task A_problem_names_the_trace_that_its_caller_began()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/nothing");
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

        var problem = (await Bank.SendAsync(request)).ShouldBeProblem(404, "not_found");

        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", problem.Word("traceId"));
    }
}
