using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>A change of the program that makes templates shows what it changes in them.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class SnapshotTests(AwsTemplates templates)
{
    private const int ShownMax = 40;

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task The_templates_are_the_checked_in_ones(string environment)
    {
        var path = $"tests/QuickPay.IntegrationTests/Aws/Snapshots/{environment}.txt";
        var made = TemplateText.Of(templates.TextsOf(environment));
        var file = Path.Combine(Programs.RepositoryRoot, path);
        if (CheckedInText.IsWritten)
        {
            await CheckedInText.ShouldBeAsync(path, made);
            return;
        }
        var checkedIn = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        Assert.True(
            made == checkedIn,
            $"{path} shows other templates than are made now. If that is meant: {CheckedInText.Variable}=1 ./quickpay test checked_in, and review "
                + $"the difference.\n{Difference(checkedIn, made)}"
        );
    }

    [Fact]
    public void A_difference_is_shown_by_its_lines_alone()
    {
        var before = TemplateText.Of(templates.TextsOf("prod"));
        const string Large = "DBInstanceClass = db.r5.large";
        var after = before.Replace(Large, "DBInstanceClass = db.t3.micro", StringComparison.Ordinal);

        var lines = Difference(before, after).Split('\n');

        Assert.Equal(2 * before.Split('\n').Count(line => line.EndsWith(Large, StringComparison.Ordinal)), lines.Length);
        Assert.All(lines, line => Assert.Matches("^- .*DBInstanceClass = db.r5.large$|^\\+ .*DBInstanceClass = db.t3.micro$", line));
    }

    /// <summary>Lines that are gone and lines that are new, as far as one can read.</summary>
    private static string Difference(string before, string after)
    {
        var (old, now) = (before.Split('\n'), after.Split('\n'));
        List<string> lines =
        [
            .. old.Except(now)
                .Select(line => (line, sign: '-'))
                .Concat(now.Except(old).Select(line => (line, sign: '+')))
                .OrderBy(one => one.line, StringComparer.Ordinal)
                .Select(one => $"{one.sign} {one.line}"),
        ];
        return lines.Count <= ShownMax
            ? string.Join('\n', lines)
            : string.Join('\n', lines.Take(ShownMax)) + $"\n… and {lines.Count - ShownMax} more";
    }
}
