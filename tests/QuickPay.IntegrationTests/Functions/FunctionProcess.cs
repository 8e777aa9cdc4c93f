using System.Diagnostics;
using System.Text;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>The executable as Lambda starts it, with an interface of its own to talk to.</summary>
internal sealed class FunctionProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;
    private readonly StringBuilder _said = new();
    private readonly Lock _gate = new();

    private FunctionProcess(Process process, FakeRuntime runtime)
    {
        (_process, Runtime) = (process, runtime);
        _output = ReadAsync(process.StandardOutput);
        _errors = ReadAsync(process.StandardError);
    }

    public FakeRuntime Runtime { get; }

    /// <summary>What it has said so far, on both.</summary>
    public string Said
    {
        get
        {
            lock (_gate)
            {
                return _said.ToString();
            }
        }
    }

    /// <param name="handler">What Lambda would name.</param>
    /// <param name="variables">Its whole environment, beside what Lambda sets.</param>
    /// <param name="runtime">One that is prepared; by default, one that does its part.</param>
    public static async Task<FunctionProcess> StartAsync(
        string handler,
        IReadOnlyDictionary<string, string> variables,
        FakeRuntime? runtime = null
    )
    {
        runtime ??= await FakeRuntime.BeginAsync();
        return new FunctionProcess(
            Start(
                new Dictionary<string, string>(variables)
                {
                    ["AWS_LAMBDA_RUNTIME_API"] = runtime.Address.Authority,
                    ["_HANDLER"] = handler,
                    ["AWS_REGION"] = FakeSecrets.Region,
                    ["AWS_ACCESS_KEY_ID"] = FakeSecrets.Key.Id,
                    ["AWS_SECRET_ACCESS_KEY"] = FakeSecrets.Key.Secret,
                    ["AWS_SESSION_TOKEN"] = FakeSecrets.Key.Token,
                }
            ),
            runtime
        );
    }

    public static Process Start(IReadOnlyDictionary<string, string> variables)
    {
        var info = new ProcessStartInfo(Programs.DotNet, [Programs.Find("QuickPay.Functions")])
        {
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        foreach (var (name, value) in variables)
        {
            info.Environment[name] = value;
        }
        return Process.Start(info)!;
    }

    /// <summary>Gives it an event and waits for what it tells Lambda of it.</summary>
    public async Task<Outcome> InvokeAsync(string body, TimeSpan? time = null)
    {
        using var limit = Limit();
        var outcome = Runtime.InvokeAsync(body, time ?? Patience);
        var ended = _process.WaitForExitAsync(limit.Token);
        if (await Task.WhenAny(outcome, ended) == ended && !outcome.IsCompleted)
        {
            Assert.Fail($"It ended, or never answered:\n{Said}");
        }
        Runtime.ShouldHaveBeenUsedRight();
        return await outcome;
    }

    /// <summary>In the middle of whatever it does.</summary>
    public Task<int> KilledAsync()
    {
        _process.Kill();
        return ExitAsync();
    }

    /// <summary>Waits for its end; returns the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = Limit();
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Ends it; returns the lines on standard output.</summary>
    public async Task<string[]> OutputAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        return (await _output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public Task<string> ErrorsAsync() => _errors;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync(CancellationToken.None);
        await Runtime.DisposeAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(Said);
        _process.Dispose();
    }

    private static CancellationTokenSource Limit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        return limit;
    }

    private async Task<string> ReadAsync(StreamReader from)
    {
        var all = new StringBuilder();
        while (await from.ReadLineAsync(CancellationToken.None) is { } line)
        {
            all.Append(line).Append('\n');
            lock (_gate)
            {
                _said.Append(line).Append('\n');
            }
        }
        return all.ToString();
    }
}
