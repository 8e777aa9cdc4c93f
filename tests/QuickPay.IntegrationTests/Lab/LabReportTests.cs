using System.Text.Json;
using QuickPay.Cli.Lab;
using Spectre.Console;

namespace QuickPay.IntegrationTests.Lab;

public sealed class LabReportTests : IDisposable
{
    private readonly StringWriter _shown = new();
    private readonly LabReport _report;

    public LabReportTests() =>
        _report = new LabReport(AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(_shown) }));

    public void Dispose() => _shown.Dispose();

    [Fact]
    public async Task Steps_that_all_hold_end_with_0()
    {
        await _report.StepAsync("edge", "It answers", () => Task.FromResult("200"));
        await _report.StepAsync("api", "It asks", () => Task.FromResult("401"));

        Assert.Equal(0, _report.ExitCode);
        Assert.Equal([new LabStep(1, "edge", "It answers", true, "200"), new LabStep(2, "api", "It asks", true, "401")], _report.Steps);
        Assert.Contains("1 ✓ It answers", _shown.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('✗', _shown.ToString());
    }

    [Fact]
    public async Task A_broken_promise_is_marked_the_next_step_is_still_taken_and_the_end_is_1()
    {
        await _report.StepAsync(
            "postgres",
            "Strangers [are] refused",
            () =>
            {
                LabReport.Require(false, "it came in");
                return Task.FromResult("never");
            }
        );
        await _report.StepAsync("postgres", "It answers", () => throw new IOException("connection refused"));
        await _report.StepAsync("postgres", "It is there", () => Task.FromResult("yes"));

        Assert.Equal(1, _report.ExitCode);
        Assert.Equal([false, false, true], _report.Steps.Select(step => step.Held));
        Assert.Contains("1 ✗ Strangers [are] refused", _shown.ToString(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(_report.Json());
        var first = json.RootElement[0];
        Assert.Equal(
            "1 postgres False it came in",
            $"{first.GetProperty("number")} {first.GetProperty("tier")} {first.GetProperty("held")} {first.GetProperty("seen")}"
        );
        Assert.Equal("connection refused", json.RootElement[1].GetProperty("seen").GetString());
    }

    [Fact]
    public async Task A_claim_of_others_that_is_not_reached_is_said_and_breaks_nothing()
    {
        await _report.StepAsync("answers", "The books hold", () => Task.FromResult("yes"));
        _report.Claim("claims", "throughput: 10×", reached: false, "measured 3.1×");

        Assert.Equal(0, _report.ExitCode);
        Assert.Contains("2 ○ throughput: 10× (not reached)", _shown.ToString(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(_report.Json());
        Assert.Equal(
            (false, true),
            (json.RootElement[1].GetProperty("held").GetBoolean(), json.RootElement[1].GetProperty("isClaim").GetBoolean())
        );
        Assert.False(json.RootElement[0].GetProperty("isClaim").GetBoolean());
    }

    [Fact]
    public void A_claim_alone_has_shown_nothing()
    {
        _report.Claim("claims", "throughput: 10×", reached: true, "measured 11×");
        Assert.Equal(1, _report.ExitCode);
    }

    [Fact]
    public void A_run_without_a_step_has_shown_nothing() => Assert.Equal(1, _report.ExitCode);

    [Fact]
    public async Task Interrupted_a_step_is_no_broken_promise()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _report.StepAsync("edge", "It answers", () => Task.FromCanceled<string>(stop.Token))
        );
        Assert.Empty(_report.Steps);
    }
}
