using QuickPay.Cli.Commands;

namespace QuickPay.Tests.Scale;

public class LabScaleCommandTests
{
    [Theory]
    [InlineData("--ledgers", "0", "--ledgers must be a whole number from 1 to 64, not 0.")]
    [InlineData("--ledgers", "65", "--ledgers must be a whole number from 1 to 64, not 65.")]
    [InlineData("--ledgers", "2.5", "--ledgers must be a whole number from 1 to 64, not 2.5.")]
    [InlineData("--cross", "1.5", "--cross must be a number from 0 to 1, not 1.5.")]
    [InlineData("--cross", "half", "--cross must be a number from 0 to 1, not half.")]
    [InlineData("--cross-cost", "0.5", "--cross-cost must be a number from 1 to 10, not 0.5.")]
    [InlineData("--skew", "NaN", "--skew must be a number from 0 to 3, not NaN.")]
    [InlineData("--between", "1001", "--between must be a number from 0 to 1000, not 1001.")]
    [InlineData("--walks", "0", "--walks must be a whole number from 1 to 100000, not 0.")]
    [InlineData("--seed", "-1", "--seed must be a whole number from 1 to 1000000000, not -1.")]
    public void What_cannot_be_simulated_is_refused_and_said(string option, string value, string error) =>
        Assert.Equal([error], LabScaleCommand.Create(TimeProvider.System).Parse([option, value]).Errors.Select(wrong => wrong.Message));

    [Theory]
    [InlineData]
    [InlineData("--ledgers", "64", "--cross", "0", "--seed", "1000000000")]
    [InlineData("--cross", "1", "--cross-cost", "10", "--skew", "2", "--between", "0.25", "--walks", "1", "--json")]
    public void What_can_be_is_not(params string[] arguments) =>
        Assert.Empty(LabScaleCommand.Create(TimeProvider.System).Parse(arguments).Errors);

    [Fact]
    public void The_help_says_what_each_option_may_be()
    {
        var options = LabScaleCommand.Create(TimeProvider.System).Options.ToDictionary(option => option.Name, option => option.Description);

        Assert.All(
            new Dictionary<string, string>
            {
                ["--ledgers"] = "1 to 64",
                ["--cross"] = "0 to 1",
                ["--cross-cost"] = "1 to 10",
                ["--skew"] = "0 to 3",
                ["--between"] = "0 to 1000",
                ["--walks"] = "1 to 100000",
                ["--seed"] = "1 to 1000000000",
            },
            range => Assert.Contains(range.Value, options[range.Key])
        );
    }
}
