using QuickPay.Cli.Testing;

namespace QuickPay.IntegrationTests.Local;

public sealed class TestReportTests
{
    [Fact]
    public void Each_result_is_counted_and_a_failed_cleanup_is_a_failure()
    {
        var report = new TestReport();
        foreach (
            var line in new[]
            {
                """{"$type":"test-starting","TestUniqueID":"1","TestDisplayName":"One"}""",
                """{"$type":"test-passed","TestUniqueID":"1"}""",
                """{"$type":"test-failed","TestUniqueID":"1","Messages":["no"],"StackTraces":[null]}""",
                """{"$type":"test-skipped","TestUniqueID":"1","Reason":"later"}""",
                """{"$type":"test-class-cleanup-failure","Messages":["the books do not balance"]}""",
            }
        )
            Assert.True(report.TryTake(line));
        Assert.False(report.TryTake("Something a test wrote"));
        Assert.Equal("1 passed, 2 failed, 1 skipped", report.Counts.ToString());
    }

    [Fact]
    public void Nothing_skipped_is_not_mentioned() => Assert.Equal("3 passed, 0 failed", new TestCounts(3, 0, 0).ToString());

    [Theory]
    [InlineData(false, " -noAutoReporters -method *hold* -trait- Category=slow")]
    [InlineData(true, " -noAutoReporters -method *hold*")]
    public void Slow_tests_run_when_all_do(bool all, string expected) =>
        Assert.EndsWith(expected, string.Join(' ', TestRun.ArgumentsFor(["-method", "*hold*"], all)), StringComparison.Ordinal);
}
