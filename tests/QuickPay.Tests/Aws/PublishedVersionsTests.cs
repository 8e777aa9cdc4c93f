using System.Text.Json.Nodes;
using System.Xml.Linq;
using QuickPay.Cli.Aws.Deploying;
using QuickPay.Tests.Tidy;

namespace QuickPay.Tests.Aws;

/// <summary>
/// What is published has the versions that were tested: lock files hold those of what it runs on, too, so that a publishing has nothing to add.
/// </summary>
public sealed class PublishedVersionsTests
{
    public static TheoryData<string> Projects => [.. ProgramArchives.Projects.SelectMany(WithAllItUses).Distinct()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_lock_file_holds_them_for_what_it_runs_on(string project)
    {
        var locked = JsonNode.Parse(Repository.Read($"src/{project}/packages.lock.json"))!["dependencies"]!.AsObject();

        Assert.Contains($"net10.0/{ProgramArchives.Runtime}", locked.Select(target => target.Key));
        // Or the next restore takes it out again.
        Assert.Contains(ProgramArchives.Runtime, Read(project).Descendants("RuntimeIdentifiers").Single().Value.Split(';'));
    }

    private static IEnumerable<string> WithAllItUses(string project) =>
        Read(project)
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!))
            .SelectMany(WithAllItUses)
            .Prepend(project);

    private static XDocument Read(string project) => XDocument.Parse(Repository.Read($"src/{project}/{project}.csproj"));
}
