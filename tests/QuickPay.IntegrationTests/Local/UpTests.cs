using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Local;

/// <summary>`./quickpay up` as a process: what it starts, what it leaves behind (nothing), and what it says when it cannot.</summary>
public sealed class UpTests : IAsyncLifetime
{
    private const uint Nobody = 65534;

    // No temporary one of ours: a run that was killed is what other tests clean up there.
    private readonly DataFolder _data = DataFolder.At(Path.Combine(Path.GetTempPath(), $"quickpay-up-{Path.GetRandomFileName()}"));
    private readonly StackPorts _ports = StackPorts.Of(StackPorts.FreeHttps());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_data.Root);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _data.Delete();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_serves_stops_without_a_trace_and_finds_its_data_again()
    {
        await using (var up = Up())
        {
            var status = await up.ReadyAsync(Cancellation);
            Assert.Equal($"http://127.0.0.1:{_ports.Api}", Text(status.GetProperty("urls"), "api"));
            Assert.Equal($"https://localhost:{_ports.Https}", Text(status.GetProperty("urls"), "edge"));
            Assert.Equal(["api", "edge", "postgres", "redis", "worker"], Roles(status));
            Assert.All(status.GetProperty("processes").EnumerateArray(), process => Assert.Equal("healthy", Text(process, "health")));
            using var http = new HttpClient();
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"http://127.0.0.1:{_ports.Api}/health/ready", Cancellation)).StatusCode);
            var edge = status.GetProperty("processes").EnumerateArray().Single(process => Text(process, "role") == "edge");
            var inside = Text(edge, "internalAddress");
            Assert.Contains("\"api-1\"", await http.GetStringAsync($"{inside}/servers", Cancellation), StringComparison.Ordinal);
            await using (var shown = RunningCommand.Start("status", "--data", _data.Root))
                Assert.Contains(inside, await shown.OutputAsync(Cancellation), StringComparison.Ordinal);
            await RunSqlAsync("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
            await NoSecondStartsAsync(up);

            var processes = RunState.Read(_data).Processes;
            up.Send(Signal.Terminate);
            Assert.Equal(0, await up.ExitAsync(Cancellation));
            Assert.All(processes, process => Assert.False(process.Identity.IsAlive, $"{process.Name} still runs"));
            AssertInOrder(up.Errors, "Stopping edge-1", "Stopping api-1", "Stopping worker", "Stopping Redis and PostgreSQL");
            Assert.All((int[])[_ports.Https, _ports.Redirect], port => Assert.True(Ports.IsFreeForBoth(port)));
            Assert.True(Ports.IsFree(_ports.Api));
        }
        await using var again = Up();
        await again.ReadyAsync(Cancellation);
        Assert.Equal(7, await RunSqlAsync("SELECT n FROM kept"));
        again.Send(Signal.Interrupt);
        Assert.Equal(0, await again.ExitAsync(Cancellation));
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task Begun_afresh_it_finds_nothing_of_what_was()
    {
        await using (var up = Up())
        {
            await up.ReadyAsync(Cancellation);
            await RunSqlAsync("CREATE TABLE kept (n int)");
            up.Send(Signal.Terminate);
            Assert.Equal(0, await up.ExitAsync(Cancellation));
        }

        await using var fresh = Up("--fresh");
        await fresh.ReadyAsync(Cancellation);
        await Assert.ThrowsAsync<PostgresException>(() => RunSqlAsync("SELECT n FROM kept"));
    }

    [Fact]
    public async Task Whatever_dies_is_started_again()
    {
        await using var up = Up();
        await up.ReadyAsync(Cancellation);
        foreach (var process in RunState.Read(_data).Processes)
        {
            Native.TrySignal(process.Identity.Pid, Signal.Kill);
            await up.SaysAsync($"{process.Name} ended by itself (signal 9)", Cancellation);
        }
        foreach (var name in (string[])["postgres", "redis", "api-1", "worker", "edge-1"])
            await up.SaysAsync($"{name} is back", Cancellation);

        // Each was ready once; then its neighbours died in turn. All of them are well together a moment later, by themselves.
        await using var status = RunningCommand.Start("status", "--watch", "--json", "--data", _data.Root);
        await status.ShowsAsync(
            shown =>
                shown.GetProperty("processes").EnumerateArray().Count(process => Text(process, "health") == "healthy") == 5
                && shown.GetProperty("processes").EnumerateArray().Any(process => PartOf(process) == "leader"),
            Cancellation
        );
        status.Send(Signal.Interrupt);
        Assert.Equal(0, await status.ExitAsync(Cancellation));
    }

    [Fact]
    public async Task Killed_it_takes_everything_with_it_and_what_cannot_hear_is_ended_by_the_next_start()
    {
        List<RunningProcess> frozen;
        await using (var killed = Up())
        {
            await killed.ReadyAsync(Cancellation);
            var processes = RunState.Read(_data).Processes;
            frozen = [.. processes.Where(process => process.Name is "redis" or "worker")];
            foreach (var process in frozen)
                Native.TrySignal(process.Identity.Pid, Signal.Stop);
            killed.Send(Signal.Kill);
            await killed.ExitAsync(Cancellation);
            await GoneAsync([.. processes.Except(frozen)]);
        }
        Assert.All(frozen, process => Assert.True(process.Identity.IsAlive));

        await using var next = Up();
        await next.ReadyAsync(Cancellation);
        Assert.All(frozen, process => Assert.False(process.Identity.IsAlive, $"{process.Name} still runs"));
        Assert.Contains("was left over from a run that was killed", next.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_while_it_starts_it_leaves_nothing_and_afresh_nothing_of_what_was()
    {
        _data.Create();
        await File.WriteAllTextAsync(_data.LockFile, "", Cancellation);
        var old = Path.Combine(_data.Secrets, "of-an-earlier-run");
        await File.WriteAllTextAsync(old, "", Cancellation);
        await using var up = Up("--fresh");
        await up.SaysAsync("Starting PostgreSQL and Redis", Cancellation);
        Assert.False(File.Exists(old));
        // Under nohup a closed terminal is rightly ignored, here as in every program.
        up.Send(HangupIsIgnored() ? Signal.Terminate : Signal.Hangup);
        Assert.Equal(1, await up.ExitAsync(Cancellation));
        Assert.Empty(RunState.Read(_data).Processes);
        Assert.False(RunState.Read(_data).IsRunning);
    }

    [Fact]
    public async Task A_taken_port_is_told_and_nothing_is_started()
    {
        var alsoIPv6 = Ports.HasIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        foreach (
            var taken in (IPEndPoint[])
                [new(IPAddress.Loopback, _ports.Https), new(alsoIPv6, _ports.Redirect), new(IPAddress.Loopback, _ports.Api)]
        )
        {
            using var other = new TcpListener(taken);
            other.Start();
            await using var refused = Up();
            Assert.Equal(2, await refused.ExitAsync(Cancellation));
            Assert.Contains($"Port {taken.Port} on {taken.Address} is taken", refused.Errors, StringComparison.Ordinal);
            Assert.Contains($"--port {_ports.Https + 100}", refused.Errors, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_data.Servers));
        }
    }

    [Fact]
    public async Task A_topology_that_does_not_exist_is_answered_with_those_that_do()
    {
        await using var refused = Up("--topology", "two-az");
        Assert.Equal(2, await refused.ExitAsync(Cancellation));
        Assert.Contains("two-az", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("multi-az", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task An_ordinary_user_can_run_it_too()
    {
        var copy = Directory.CreateTempSubdirectory("quickpay-up-").FullName;
        try
        {
            string[] program = [Programs.DotNet, RunningCommand.Assembly];
            if (Environment.IsPrivilegedProcess)
            {
                program = ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", .. await CopyForAllAsync(copy)];
                Native.GiveTo(_data.Root, Nobody, Nobody);
            }

            await using var up = RunningCommand.Start(program, ["up", "--json", "--port", $"{_ports.Https}", "--data", _data.Root]);
            await up.ReadyAsync(Cancellation);
            var processes = RunState.Read(_data).Processes;
            Assert.Equal(5, processes.Count);
            Assert.DoesNotContain("0", UsersOf(up.Pid));
            Assert.All(processes, process => Assert.Equal(UsersOf(up.Pid), UsersOf(process.Identity.Pid)));
            up.Send(Signal.Terminate);
            Assert.Equal(0, await up.ExitAsync(Cancellation));
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private async Task NoSecondStartsAsync(RunningCommand running)
    {
        foreach (
            var arguments in (string[][])
                [
                    [],
                    ["--fresh"],
                ]
        )
        {
            await using var second = Up(arguments);
            Assert.Equal(2, await second.ExitAsync(Cancellation));
            Assert.Contains($"already runs in {_data.Root} (process {running.Pid})", second.Errors, StringComparison.Ordinal);
        }
    }

    private RunningCommand Up(params string[] more) =>
        RunningCommand.Start(["up", "--json", "--port", $"{_ports.Https}", "--data", _data.Root, .. more]);

    private async Task<object?> RunSqlAsync(string sql)
    {
        var password = Secrets.LoadOrCreate(_data.Secrets, []).PasswordOf(PostgresRoles.Migrator);
        var hosts = $"127.0.0.1:{RunState.Read(_data).PostgresPort}";
        var root = Path.Combine(_data.Tls, "ca.crt");
        var connection = new PostgresConnection(hosts, PostgresServer.DefaultDatabase, PostgresRoles.Migrator, password, root);
        await using var source = NpgsqlDataSource.Create(connection.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancellation);
    }

    /// <summary>The built programs and the .NET below them, where any user may read them: what lies below /root only root can.</summary>
    private static async Task<string[]> CopyForAllAsync(string folder)
    {
        var dotnet = Directory.CreateDirectory(Path.Combine(folder, "dotnet")).FullName;
        await CopyAsync(["dotnet", "host", "shared"], Path.GetDirectoryName(Programs.DotNet)!, dotnet);
        // The root of a repository is where this file is.
        await CopyAsync(["QuickPay.slnx"], Programs.RepositoryRoot, folder);
        const string Built = "artifacts/bin";
        var built = Directory.CreateDirectory(Path.Combine(folder, Built)).FullName;
        await CopyAsync(
            ["QuickPay.Cli", "QuickPay.Api", "QuickPay.Worker", "QuickPay.Edge"],
            Path.Combine(Programs.RepositoryRoot, Built),
            built
        );
        await RunAsync("chmod", ["-R", "a+rX", folder]);
        return
        [
            Path.Combine(dotnet, "dotnet"),
            Path.Combine(folder, Path.GetRelativePath(Programs.RepositoryRoot, RunningCommand.Assembly)),
        ];

        static Task CopyAsync(string[] names, string from, string to) =>
            RunAsync("cp", ["-r", .. names.Select(name => Path.Combine(from, name)), to]);

        static Task RunAsync(string tool, string[] arguments) =>
            Tool.RunAsync(tool, arguments, user: null, environment: null, Cancellation);
    }

    // Not our children: nobody tells us, so look.
    private static Task GoneAsync(IReadOnlyList<RunningProcess> processes) =>
        Eventually.IsTrueAsync(() => !processes.Any(process => process.Identity.IsAlive), "what was started is gone");

    private static void AssertInOrder(string text, params IEnumerable<string> parts)
    {
        var from = 0;
        foreach (var part in parts)
        {
            var at = text.IndexOf(part, from, StringComparison.Ordinal);
            Assert.True(at >= 0, $"'{part}' is missing, or too early:\n{text}");
            from = at + part.Length;
        }
    }

    private static IEnumerable<string> Roles(JsonElement status) =>
        status.GetProperty("processes").EnumerateArray().Select(process => Text(process, "role"));

    private static string? PartOf(JsonElement process) => process.TryGetProperty("part", out var part) ? part.GetString() : null;

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    /// <summary>The first bit of the mask of ignored signals, which children inherit.</summary>
    private static bool HangupIsIgnored() =>
        (ulong.Parse(StatusOf("self", "SigIgn"), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) != 0;

    /// <summary>Real, effective, saved, and for files.</summary>
    private static string[] UsersOf(int pid) => StatusOf(pid.ToString(CultureInfo.InvariantCulture), "Uid").Split('\t');

    private static string StatusOf(string pid, string field) =>
        File.ReadLines($"/proc/{pid}/status")
            .First(line => line.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..]
            .Trim();
}
