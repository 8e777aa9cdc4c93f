using System.Text.Json.Nodes;
using QuickPay.Cli.Aws.Deploying;
using QuickPay.Cli.Local;
using static QuickPay.IntegrationTests.Aws.Deploying.SmallInstallation;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>Where data is kept, a template's mistake replaces or deletes none of it: CloudFormation is told to refuse that, whatever it is handed.</summary>
public sealed class StackPolicyTests : IDisposable
{
    private const string Database = "quickpay-dev-data-database";
    private const string Everything = """{"Statement":[{"Effect":"Allow","Principal":"*","Action":"Update:*","Resource":"*"}]}""";
    private readonly SmallInstallation _installation = new(isProtected: true);

    private static string Data => NameOf("Data");

    private PlayedAws Aws => _installation.Aws;

    public void Dispose() => _installation.Dispose();

    [Fact]
    public async Task A_database_that_would_be_replaced_stays_until_an_administrator_lifts_it()
    {
        await _installation.StandAsync();
        Edit(resources => resources["Database"]!["Properties"]!["DBInstanceIdentifier"] = "another");

        var refused = await Assert.ThrowsAsync<AwsException>(() => _installation.DeployAsync());

        Assert.Contains("Database: Action denied by stack policy", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Update:Replace", refused.Message, StringComparison.Ordinal);
        Assert.Equal("UPDATE_ROLLBACK_COMPLETE", _installation.StatusOf("Data"));
        Assert.Contains(Database, Databases());

        var policy = PolicyOf("Data");
        Aws.Change(state => state["stacks"]![Data]!["policy"] = Everything);
        await _installation.DeployAsync();

        Assert.DoesNotContain(Database, Databases());
        Assert.Contains("another", Databases());
        // It holds again from there on.
        Assert.Equal(policy, PolicyOf("Data"));
    }

    [Theory]
    [InlineData("Database")]
    [InlineData("Token")]
    public async Task What_a_template_forgets_stays(string id)
    {
        await _installation.StandAsync();
        Edit(resources => resources.Remove(id));

        var refused = await Assert.ThrowsAsync<AwsException>(() => _installation.DeployAsync());

        Assert.Contains($"{id}: Action denied by stack policy", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Update:Delete", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_else_is_changed()
    {
        await _installation.StandAsync();
        Edit(resources =>
        {
            resources["Database"]!["Properties"]!["AllocatedStorage"] = "600";
            resources.Remove("Log");
        });

        await _installation.DeployAsync();

        Assert.Equal("UPDATE_COMPLETE", _installation.StatusOf("Data"));
        Assert.Single(Aws.CallsOnStacks, $"cloudformation get-stack-policy {Data}");
        Assert.DoesNotContain("cloudformation set-stack-policy", Aws.Calls);
    }

    [Fact]
    public async Task Only_stacks_that_keep_data_have_it()
    {
        await _installation.StandAsync();
        using var other = new SmallInstallation();
        await other.StandAsync();

        Assert.Equal(["Data"], Names.Where(name => PolicyOf(name) is not null));
        Assert.All(Names, name => Assert.Null(other.Aws.Stack(NameOf(name))["policy"]));
    }

    [Theory]
    [InlineData("set-stack-policy")]
    [InlineData("get-stack-policy")]
    public async Task Whoever_may_not_set_it_is_told_so_once_all_of_it_stands(string operation)
    {
        await _installation.StandAsync();
        Aws.Change(state => state["stacks"]![Data]!.AsObject().Remove("policy"));
        Aws.Deny($"cloudformation {operation} {Data}");
        _installation.Write("Observe", extra: "Late");

        var told = await Assert.ThrowsAsync<LocalException>(() => _installation.DeployAsync());

        Assert.Contains($"All of it stands, but {Data} can", told.Message, StringComparison.Ordinal);
        Assert.Contains("takes an administrator", told.Message, StringComparison.Ordinal);
        Assert.Equal("UPDATE_COMPLETE", _installation.StatusOf("Observe"));
    }

    private IEnumerable<string> Databases() => Aws.State["databases"]!.AsObject().Select(database => database.Key);

    private string? PolicyOf(string concern) => (string?)Aws.Stack(NameOf(concern))["policy"];

    private void Edit(Action<JsonObject> edit)
    {
        var file = Aws.At($"{Data}.template.json");
        var template = JsonNode.Parse(File.ReadAllText(file))!;
        edit(template["Resources"]!.AsObject());
        File.WriteAllText(file, template.ToJsonString());
    }
}
