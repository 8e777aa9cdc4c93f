using System.Diagnostics;
using System.Text;
using System.Text.Json;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Local;

/// <summary>The command line as a process of its own, as people start it.</summary>
internal sealed class RunningCommand : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly Task _listening;
    private readonly Lock _gate = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningCommand(Process process)
    {
        _process = process;
        _listening = ListenAsync();
    }

    public int Pid => _process.Id;

    /// <summary>All that it said on standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_gate)
                return _errors.ToString();
        }
    }

    public static RunningCommand Start(params string[] arguments) => Start([Programs.DotNet, Assembly], arguments);

    /// <param name="program">What ./quickpay runs, or a copy of it, or something that runs that: `setpriv --reuid=…`.</param>
    /// <param name="arguments">As after ./quickpay.</param>
    public static RunningCommand Start(string[] program, string[] arguments)
    {
        var info = new ProcessStartInfo(program[0], [.. program[1..], .. arguments])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new RunningCommand(Process.Start(info)!);
    }

    public static string Assembly =>
        Path.Combine(Path.GetDirectoryName(Programs.Find("QuickPay.Api"))!, "../../QuickPay.Cli", Configuration, "quickpay-cli.dll");

    private static string Configuration => Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));

    /// <summary>Waits until `up --json` has printed that it is ready.</summary>
    public async Task<JsonElement> ReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        var json = new StringBuilder();
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            json.AppendLine(line);
            if (line == "}")
                return JsonDocument.Parse(json.ToString()).RootElement;
        }
        await _listening;
        throw new InvalidOperationException($"It ended before it was ready:\n{Errors}");
    }

    /// <summary>Everything that it will ever read.</summary>
    public async Task IsToldAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        _process.StandardInput.Close();
    }

    /// <summary>Waits for the end of what it says on standard output.</summary>
    public async Task<string> OutputAsync(CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        return await _process.StandardOutput.ReadToEndAsync(limit.Token);
    }

    /// <summary>Waits until `status --watch --json` shows a line that fits.</summary>
    public async Task ShowsAsync(Predicate<JsonElement> fits, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            using var shown = JsonDocument.Parse(line);
            if (fits(shown.RootElement))
                return;
        }
        await _listening;
        throw new InvalidOperationException($"It ended without showing that:\n{Errors}");
    }

    /// <summary>Waits until a text stands on standard error.</summary>
    public async Task SaysAsync(string text, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_errors.ToString().Contains(text, StringComparison.Ordinal))
                    return;
                news = _news.Task;
            }
            Assert.False(_listening.IsCompleted, $"It ended without saying '{text}':\n{Errors}");
            await news.WaitAsync(limit.Token);
        }
    }

    public void Send(Signal signal) => Native.TrySignal(Pid, signal);

    /// <summary>Waits for the end and returns the exit code.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        await _process.WaitForExitAsync(limit.Token);
        await _listening.WaitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Send(Signal.Continue);
            Send(Signal.Terminate);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _process.Dispose();
    }

    private static CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        return limit;
    }

    private async Task ListenAsync()
    {
        while (await _process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
            Tell(line + "\n");
        Tell("");
    }

    private void Tell(string text)
    {
        lock (_gate)
        {
            _errors.Append(text);
            _news.SetResult();
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
