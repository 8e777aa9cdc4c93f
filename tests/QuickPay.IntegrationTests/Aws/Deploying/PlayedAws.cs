using System.Text.Json.Nodes;
using QuickPay.Cli.Aws.Deploying;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>
/// AWS, played by a program that keeps stacks in a file and refuses what AWS refuses: it is told by the same command line that <c>aws</c> is.
/// </summary>
internal sealed class PlayedAws : IDisposable
{
    private readonly List<string> _said = [];

    public PlayedAws()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Aws", "Deploying");
        File.Copy(Path.Combine(source, "fake-aws.py"), At("aws"));
        File.Copy(Path.Combine(source, "fake_stacks.py"), At("fake_stacks.py"));
        File.SetUnixFileMode(At("aws"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("quickpay-aws-").FullName;

    /// <summary>What whoever deploys was told.</summary>
    public string Said => string.Join('\n', _said);

    /// <summary>What was done to stacks, in order.</summary>
    public IReadOnlyList<string> Log => [.. State["log"]!.AsArray().Select(line => (string)line!)];

    /// <summary>Every call: service and operation.</summary>
    public IReadOnlyList<string> Calls => File.ReadAllLines(At("calls"));

    public JsonNode State => JsonNode.Parse(File.ReadAllText(At("state.json")))!;

    public string At(string name) => Path.Combine(Folder, name);

    public Installation Of(string environment, IReadOnlyList<PlannedStack> stacks) =>
        new(environment, stacks, AwsTool.At(At("aws")), new Impatience(), _said.Add);

    public JsonNode Stack(string name) => State["stacks"]![name]!;

    /// <summary>Somebody else has done something.</summary>
    public void Change(Action<JsonNode> change)
    {
        var state = State;
        change(state);
        File.WriteAllText(At("state.json"), state.ToJsonString());
    }

    /// <param name="what"><c>fail</c>: making and changing it; <c>fail-delete</c>; <c>fail-back</c>: going on with the way back.</param>
    /// <param name="name">The stack.</param>
    /// <param name="once">The next time it works.</param>
    public void Fail(string what, string name, bool once = true) => File.WriteAllText(At($"{what}-{name}"), once ? "1" : "");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Whoever waits has waited.</summary>
    private sealed class Impatience : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
