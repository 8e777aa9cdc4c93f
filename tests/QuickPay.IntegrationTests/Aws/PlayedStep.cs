using System.Diagnostics;
using System.Text.Json;
using QuickPay.Cli.Local;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>What a step of the promotion did.</summary>
/// <param name="Done">What it said; null when it failed.</param>
/// <param name="Failed">By what it failed.</param>
/// <param name="Calls">Of AWS, in this order: region, service, call, and its arguments.</param>
/// <param name="Log">What it printed.</param>
/// <param name="Seconds">How long it took by its own clock, which only its pauses move.</param>
internal sealed record PlayedStep(JsonElement? Done, string Failed, string[] Calls, string[] Log, double Seconds)
{
    /// <summary>Errors of AWS's library, and its clients, whose answers a test makes up.</summary>
    private const string Clients = """
        import time
        from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
        calls = []
        clock = [1_700_000_000.0]
        time.time = time.monotonic = lambda: clock[0]
        def pause(seconds):
            clock[0] += seconds
        time.sleep = pause
        def refused(code):
            raise ClientError({"Error": {"Code": code}}, "Call")
        class Client:
            def __init__(self, service, region):
                self.name = f"{region} {service}"
            def __getattr__(self, call):
                def answer(**arguments):
                    calls.append(f"{self.name} {call} {arguments}")
                    number = sum(1 for one in calls if f" {call} " in one)
                    return answers(call, number, arguments) or {}
                return answer
        def client(service, region_name="-", config=None):
            # A region that is lost must not be waited for.
            assert config["connect_timeout"] <= 5 and config["read_timeout"] <= 20
            return Client(service, region_name)

        """;

    private const string Errors = """
        class ClientError(Exception):
            def __init__(self, response, operation):
                super().__init__(response["Error"]["Code"])
                self.response = response
        class ConnectTimeoutError(Exception):
            pass
        class EndpointConnectionError(Exception):
            pass
        class ReadTimeoutError(Exception):
            pass
        """;

    public static string Text(JsonElement? done, string name) => done!.Value.GetProperty(name).GetString()!;

    public string Text(string name) => Text(Done, name);

    public int Count(string call) => Calls.Count(one => one.Contains($" {call} ", StringComparison.Ordinal));

    /// <summary>Runs a step with an AWS that is made up.</summary>
    /// <param name="file">In the folder of the promotion.</param>
    /// <param name="handler">Its function.</param>
    /// <param name="events">What it is told, as Python.</param>
    /// <param name="answers">A Python function `answers(call, number, arguments)`; of each call it learns the how manieth it is.</param>
    public static async Task<PlayedStep> RunAsync(string file, string handler, string events, string answers)
    {
        var folder = Directory.CreateTempSubdirectory("quickpay-step-").FullName;
        try
        {
            File.Copy(Path.Combine(Programs.RepositoryRoot, "infra/QuickPay.Aws/Recovery", file), Path.Combine(folder, "step.py"));
            Directory.CreateDirectory(Path.Combine(folder, "botocore"));
            await WriteAsync("botocore/__init__.py", "");
            await WriteAsync("botocore/config.py", "class Config(dict):\n    pass\n");
            await WriteAsync("botocore/exceptions.py", Errors);
            await WriteAsync("boto3.py", Clients + answers);
            await WriteAsync(
                "run.py",
                $$"""
                import boto3, contextlib, io, json, step
                started, log, done, failed = boto3.clock[0], io.StringIO(), None, ""
                with contextlib.redirect_stdout(log):
                    try:
                        done = step.{{handler}}({{events}}, None)
                    except Exception as e:
                        failed = f"{type(e).__name__}: {e}"
                print(json.dumps({"Done": done, "Failed": failed, "Calls": boto3.calls,
                    "Log": log.getvalue().splitlines(), "Seconds": boto3.clock[0] - started}))
                """
            );
            var start = new ProcessStartInfo("python3")
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                ArgumentList = { "run.py" },
            };
            using var process = Process.Start(start)!;
            var said = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var wrong = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await wrong);
            return JsonSerializer.Deserialize<PlayedStep>(await said)!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Task WriteAsync(string name, string text) =>
            File.WriteAllTextAsync(Path.Combine(folder, name), text, TestContext.Current.CancellationToken);
    }
}
