using System.Text.Json;
using QuickPay.Cli.Aws.Deploying;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>
/// An installation is made, changed and taken away. AWS is played by a program that keeps stacks in a file and refuses what AWS refuses: it is told
/// by the same command line that <c>aws</c> is.
/// </summary>
public sealed class DeployTests : IDisposable
{
    private static readonly string[] Names = ["Foundation", "Network", "Service", "Observe"];
    private readonly string _folder = Directory.CreateTempSubdirectory("quickpay-aws-").FullName;
    private readonly List<string> _said = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Dictionary<string, string> Given => new() { ["Domain"] = "pay.example.com", ["AlarmMail"] = "a@example.com" };

    public DeployTests()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Aws", "Deploying", "fake-aws.py"), Path.Combine(_folder, "aws"));
        File.SetUnixFileMode(Path.Combine(_folder, "aws"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Write("Network", isLong: true);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Stacks_are_made_in_their_order_with_what_they_ask_for_and_a_second_time_nothing_is_done()
    {
        await DeployAsync(Given);

        Assert.Equal(Names.Select(name => $"CREATE {NameOf(name)}"), Log());
        Assert.Equal("pay.example.com", ParametersOf("Service").GetProperty("Domain").GetString());
        Assert.Equal("v1", ParametersOf("Service").GetProperty("ProgramVersion").GetString());
        // It is too long to be sent.
        Assert.True(Objects().TryGetProperty("programs-bucket/templates/QuickPay-dev-Network.template.json", out _));
        Assert.True(Objects().TryGetProperty("programs-bucket/programs/v1.tar.gz", out _));

        // What was given once is kept.
        await DeployAsync([]);
        Assert.Equal(Names.Length, Log().Count);
    }

    [Fact]
    public async Task A_new_version_touches_what_it_is_told_to_and_alarms_take_it_back()
    {
        await DeployAsync(Given);

        await DeployAsync([], version: "v2");

        Assert.Equal($"UPDATE {NameOf("Service")} guarded", Assert.Single(Log().Skip(Names.Length)));
        Assert.Equal("pay.example.com", ParametersOf("Service").GetProperty("Domain").GetString());
    }

    [Fact]
    public async Task What_fails_is_told_by_its_first_cause_and_the_next_deployment_begins_there()
    {
        File.WriteAllText(Path.Combine(_folder, $"fail-{NameOf("Service")}"), "");
        var failed = await Assert.ThrowsAsync<AwsException>(() => DeployAsync(Given));
        Assert.Contains("ROLLBACK_COMPLETE. First: You have exceeded your quota", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(NameOf("Observe"), Log().Select(line => line.Split(' ')[1]));
        File.Delete(Path.Combine(_folder, $"fail-{NameOf("Service")}"));

        await DeployAsync(Given);

        Assert.Equal([$"DELETE {NameOf("Service")}", $"CREATE {NameOf("Service")}", $"CREATE {NameOf("Observe")}"], Log().Skip(3));
    }

    [Fact]
    public async Task Without_what_it_must_be_told_a_first_deployment_says_what_is_missing()
    {
        var failed = await Assert.ThrowsAsync<AwsException>(() => DeployAsync([]));

        Assert.Contains("[Domain] must have values", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_diff_tells_what_would_change_and_changes_nothing()
    {
        await DeployAsync(Given);
        Write("Observe", extra: "Second");

        var diff = await Installation(Stacks()).DiffAsync(new Dictionary<string, string>(), Cancellation);

        var change = Assert.Single(diff.SelectMany(one => one.Changes));
        Assert.Equal(("Add", "Second"), (change.Action, change.Resource));
        Assert.Equal(Names.Length, Log().Count);
        Assert.Single(
            (await Installation(Stacks()).DiffAsync(new Dictionary<string, string>(), Cancellation)).SelectMany(one => one.Changes)
        );
    }

    [Fact]
    public async Task All_of_it_is_taken_away_from_the_last_to_the_first_and_buckets_with_it()
    {
        await DeployAsync(Given);

        await Installation(Stacks()).DestroyAsync(Cancellation);

        Assert.Equal(Names.Reverse().Select(name => $"DELETE {NameOf(name)}"), Log().Skip(Names.Length));
        await Installation(Stacks()).DestroyAsync(Cancellation);
        Assert.Equal(2 * Names.Length, Log().Count);
    }

    [Fact]
    public async Task Protected_stacks_are_protected_and_can_be_taken_away_nevertheless()
    {
        await DeployAsync(Given, isProtected: true);
        Assert.All(
            Names,
            name => Assert.True(State().GetProperty("stacks").GetProperty(NameOf(name)).GetProperty("protected").GetBoolean())
        );

        // What is in their buckets is kept, so the bucket is not deleted: the template says so.
        var failed = await Assert.ThrowsAsync<AwsException>(() => Installation(Stacks(isProtected: true)).DestroyAsync(Cancellation));
        Assert.Contains("not empty", failed.Message, StringComparison.Ordinal);
    }

    private static string NameOf(string concern) => $"QuickPay-dev-{concern}";

    private Task DeployAsync(Dictionary<string, string> given, string version = "v1", bool isProtected = false)
    {
        foreach (var name in Names.Where(name => name != "Network"))
        {
            Write(name);
        }
        var archive = Path.Combine(_folder, "archive");
        File.WriteAllText(archive, version);
        return Installation(Stacks(isProtected))
            .DeployAsync(given, _ => Task.FromResult(new ProgramArchives(version, new string('a', 64), archive, archive)), Cancellation);
    }

    private Installation Installation(IReadOnlyList<PlannedStack> stacks)
    {
        var aws = AwsTool.At(Path.Combine(_folder, "aws"));
        return new Installation("dev", stacks, aws, new StackDeployer(aws, new Impatience(), _said.Add), _said.Add);
    }

    private List<PlannedStack> Stacks(bool isProtected = false) =>
        [
            .. Names.Select(name => new PlannedStack(
                NameOf(name),
                "ap-northeast-2",
                TemplateOf(name),
                name == "Service" ? ["Domain", "ProgramVersion", "ProgramSha256"]
                    : name == "Observe" ? ["AlarmMail", "PagerUrl"]
                    : [],
                isProtected
            )),
        ];

    private string TemplateOf(string name) => Path.Combine(_folder, $"{NameOf(name)}.template.json");

    private void Write(string name, string? extra = null, bool isLong = false)
    {
        var type = name == "Foundation" ? "AWS::S3::Bucket" : "AWS::IAM::Role";
        var resources = new[] { "First", extra }.OfType<string>().Select(id => $"\"{id}\": {{\"Type\": \"{type}\"}}");
        var parameters = name switch
        {
            "Service" => """{"Domain": {}, "ProgramVersion": {}, "ProgramSha256": {}}""",
            "Observe" => """{"AlarmMail": {}, "PagerUrl": {"Default": ""}}""",
            _ => "{}",
        };
        var filler = isLong ? new string(' ', 60_000) : "";
        File.WriteAllText(
            TemplateOf(name),
            $$"""{"Resources": { {{string.Join(", ", resources)}} }, "Parameters": {{parameters}}}{{filler}}"""
        );
    }

    private JsonElement State() => JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "state.json"))).RootElement;

    private JsonElement Objects() => State().GetProperty("objects");

    private JsonElement ParametersOf(string name) => State().GetProperty("stacks").GetProperty(NameOf(name)).GetProperty("parameters");

    private List<string> Log() => [.. State().GetProperty("log").EnumerateArray().Select(line => line.GetString()!)];

    /// <summary>Whoever waits has waited.</summary>
    private sealed class Impatience : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
