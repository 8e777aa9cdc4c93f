using System.Reflection;
using QuickPay.Cli.Testing;

namespace QuickPay.IntegrationTests.Local;

public sealed class TestFilterTests
{
    private const string Project = "QuickPay.IntegrationTests";
    private static readonly string[] Projects = ["QuickPay.Tests", Project];

    [Theory]
    [InlineData(null, "")]
    [InlineData("a hold expires", "-method *a_hold_expires*")]
    [InlineData("Category=fault", "-trait Category=fault")]
    [InlineData("edge", "-namespace QuickPay.IntegrationTests.Edge -namespace QuickPay.IntegrationTests.Edge.*")]
    [InlineData("LEDGER", "-namespace QuickPay.IntegrationTests.Ledger -namespace QuickPay.IntegrationTests.Ledger.*")]
    [InlineData("edge/nowhere", "-method *edge/nowhere*")]
    [InlineData("/", "-method */*")]
    [InlineData("..", "-method *..*")]
    public void A_filter_is_a_folder_or_a_trait_or_part_of_a_name(string? filter, string expected) =>
        Assert.Equal(expected, string.Join(' ', TestFilter.For(Project, filter, Projects)!));

    [Fact]
    public void A_folder_of_one_project_selects_nothing_in_a_project_without_it() => Assert.Null(TestFilter.For(Project, "tidy", Projects));

    /// <summary>The word stands in "ledger" and "acknowledged" too, which is why the folder comes first.</summary>
    [Fact]
    public void The_edge_s_tests_are_those_of_its_folders_and_no_others()
    {
        var selected = TestFilter.For(Project, "edge", Projects)!;
        var (exactly, below) = (selected[1], selected[3].TrimEnd('*'));

        var classes = Assembly
            .GetExecutingAssembly()
            .GetTypes()
            .Where(type => type.GetMethods().Any(method => method.IsDefined(typeof(FactAttribute))))
            .Select(type => type.Namespace + ".")
            .Distinct()
            .ToList();

        Assert.Contains(classes, name => name == exactly + ".");
        Assert.All(
            classes.Where(name => name.Contains("edge", StringComparison.OrdinalIgnoreCase)),
            name => Assert.Equal(name.StartsWith("QuickPay.IntegrationTests.Edge.", StringComparison.Ordinal), IsSelected(name))
        );

        bool IsSelected(string name) => name == exactly + "." || name.StartsWith(below, StringComparison.Ordinal);
    }
}
