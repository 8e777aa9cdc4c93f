using System.Text.Json.Nodes;
using QuickPay.Cli.Aws.Deploying;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>
/// AWS, played by a program that keeps stacks in a file and refuses what AWS refuses: it is told by the same command line that <c>aws</c> is.
/// </summary>
internal sealed class PlayedAws : IDisposable
{
    private readonly List<string> _said = [];
    private readonly Impatience _time = new();

    public PlayedAws()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Aws", "Deploying");
        File.Copy(Path.Combine(source, "fake-aws.py"), At("aws"));
        foreach (var part in Directory.GetFiles(source, "fake_*.py"))
        {
            File.Copy(part, At(Path.GetFileName(part)));
        }
        File.SetUnixFileMode(At("aws"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("quickpay-aws-").FullName;

    /// <summary>What whoever deploys was told.</summary>
    public string Said => string.Join('\n', _said);

    /// <summary>What was done to stacks, in order.</summary>
    public IReadOnlyList<string> Log => [.. State["log"]!.AsArray().Select(line => (string)line!)];

    /// <summary>Every call: service and operation.</summary>
    public IReadOnlyList<string> Calls => [.. CallsOnStacks.Select(call => string.Join(' ', call.Split(' ').Take(2)))];

    /// <summary>Every call: service, operation, and the stack where there is one.</summary>
    public IReadOnlyList<string> CallsOnStacks => File.ReadAllLines(At("calls"));

    public JsonNode State => JsonNode.Parse(File.ReadAllText(At("state.json")))!;

    public string At(string name) => Path.Combine(Folder, name);

    public Installation Of(string environment, IReadOnlyList<PlannedStack> stacks) =>
        new(environment, stacks, AwsTool.At(At("aws")), _time, _said.Add);

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

    /// <summary>From now on the caller may not do these; <c>*</c> stands for anything.</summary>
    public void Deny(params string[] calls) => File.WriteAllLines(At("denied"), calls);

    /// <summary>What the clock says to whoever deploys.</summary>
    public void SetTime(DateTimeOffset now) => _time.Now = now;

    /// <summary>A person deletes everything that was kept.</summary>
    public void DeleteKept() =>
        Change(state =>
        {
            state["named"] = new JsonObject();
            state["secrets"] = new JsonObject();
        });

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Whoever waits has waited.</summary>
    private sealed class Impatience : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 21, 5, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
