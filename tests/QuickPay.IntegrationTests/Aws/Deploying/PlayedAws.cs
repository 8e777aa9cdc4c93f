using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using QuickPay.Cli.Aws.Deploying;

namespace QuickPay.IntegrationTests.Aws.Deploying;

/// <summary>
/// AWS, played by a program that keeps stacks in a file and refuses what AWS refuses: it is told by the same command line that <c>aws</c> is. One process
/// answers all calls; <see cref="AsProgram"/> is a process each time, as it is for people.
/// </summary>
internal sealed class PlayedAws : IDisposable
{
    private readonly List<string> _said = [];
    private readonly Impatience _time = new();
    private readonly Lazy<Answers> _answers;

    public PlayedAws()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Aws", "Deploying");
        File.Copy(Path.Combine(source, "fake-aws.py"), At("aws"));
        foreach (var part in Directory.GetFiles(source, "fake_*.py"))
        {
            File.Copy(part, At(Path.GetFileName(part)));
        }
        File.SetUnixFileMode(At("aws"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _answers = new Lazy<Answers>(() => new Answers(At("aws")));
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

    /// <summary>A process for each call.</summary>
    public AwsTool AsProgram => AwsTool.At(At("aws"));

    public JsonNode State => JsonNode.Parse(File.ReadAllText(At("state.json")))!;

    public string At(string name) => Path.Combine(Folder, name);

    public Installation Of(string environment, IReadOnlyList<PlannedStack> stacks) =>
        new(environment, stacks, AwsTool.Of((arguments, _) => _answers.Value.AskAsync(arguments)), _time, _said.Add);

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

    /// <summary>From now on this is done, and whoever asked hears of a failure.</summary>
    public void LoseAnswer(string call, string said) => File.WriteAllLines(At("lost"), [call, said]);

    /// <summary>What the clock says to whoever deploys.</summary>
    public void SetTime(DateTimeOffset now) => _time.Now = now;

    /// <summary>A person deletes everything that was kept.</summary>
    public void DeleteKept() =>
        Change(state =>
        {
            state["named"] = new JsonObject();
            state["secrets"] = new JsonObject();
        });

    public void Dispose()
    {
        if (_answers.IsValueCreated)
        {
            _answers.Value.Dispose();
        }
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The program, which answers one call after the other until nobody asks any more.</summary>
    private sealed class Answers(string program) : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);
        private readonly Process _process = Process.Start(
            new ProcessStartInfo(program, ["--many"]) { RedirectStandardInput = true, RedirectStandardOutput = true }
        )!;

        public async Task<(int ExitCode, string Output, string Errors)> AskAsync(IReadOnlyList<string> arguments)
        {
            await _turn.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(arguments));
                var line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
                var said = JsonNode.Parse(line ?? throw new InvalidOperationException("The played AWS has ended."))!;
                return ((int)said[0]!, (string)said[1]!, (string)said[2]!);
            }
            finally
            {
                _turn.Release();
            }
        }

        public void Dispose()
        {
            // It ends by itself when there are no more lines.
            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
            _turn.Dispose();
        }
    }

    /// <summary>Whoever waits has waited.</summary>
    private sealed class Impatience : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 21, 5, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
