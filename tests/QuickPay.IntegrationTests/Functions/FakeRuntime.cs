using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>How an event ended, by what the process said to Lambda.</summary>
internal sealed record Outcome(string? ErrorType, string? ErrorMessage)
{
    public bool IsDone => ErrorType is null;
}

/// <summary>
/// Lambda's runtime interface (2018-06-01), as it is documented: one event at a time, each answered once, under its id, before the next is
/// asked for; errors with their type in a header and their three fields.
/// </summary>
internal sealed class FakeRuntime : LoopbackApp
{
    private const string Root = "/2018-06-01/runtime/";
    private readonly Channel<Event> _events = Channel.CreateUnbounded<Event>();
    private readonly TaskCompletionSource<Outcome> _init = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Event? _current;
    private int _ids;

    /// <summary>What answers are met with; 202: they are taken.</summary>
    public int AnswersWith { get; set; } = 202;

    /// <summary>What asking for an event is met with.</summary>
    public int NextWith { get; set; } = 200;

    /// <summary>That the process could not begin.</summary>
    public Task<Outcome> InitFailed => _init.Task;

    public static async Task<FakeRuntime> BeginAsync()
    {
        var runtime = new FakeRuntime();
        await runtime.StartAsync();
        return runtime;
    }

    /// <summary>Gives the process an event and waits until it has ended it.</summary>
    public Task<Outcome> InvokeAsync(string body, TimeSpan time)
    {
        var next = new Event(
            $"8476a536-e9f4-11e8-9739-{Interlocked.Increment(ref _ids):D12}",
            Encoding.UTF8.GetBytes(body),
            TimeProvider.System.GetUtcNow() + time
        );
        Assert.True(_events.Writer.TryWrite(next));
        return next.Ended.Task;
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (!path.StartsWith(Root, StringComparison.Ordinal))
        {
            await ViolatedAsync(context, "no such path", 404);
            return;
        }
        await (
            (context.Request.Method, path[Root.Length..].Split('/')) switch
            {
                ("GET", ["invocation", "next"]) => NextAsync(context),
                ("POST", ["invocation", var id, "response"]) => EndedAsync(context, id, isError: false),
                ("POST", ["invocation", var id, "error"]) => EndedAsync(context, id, isError: true),
                ("POST", ["init", "error"]) => InitAsync(context),
                _ => ViolatedAsync(context, "no such call", 404),
            }
        );
    }

    private async Task NextAsync(HttpContext context)
    {
        if (_current is not null)
        {
            await ViolatedAsync(context, "the event before was not answered", 403);
            return;
        }
        if (NextWith != 200)
        {
            context.Response.StatusCode = NextWith;
            return;
        }
        var next = await _events.Reader.ReadAsync(context.RequestAborted);
        _current = next;
        var headers = context.Response.Headers;
        headers["Lambda-Runtime-Aws-Request-Id"] = next.Id;
        headers["Lambda-Runtime-Deadline-Ms"] = next.Deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        headers["Lambda-Runtime-Invoked-Function-Arn"] = "arn:aws:lambda:eu-central-1:123456789012:function:quickpay-test";
        headers["Lambda-Runtime-Trace-Id"] = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(next.Body);
    }

    private async Task EndedAsync(HttpContext context, string id, bool isError)
    {
        var current = _current;
        if (current is null || current.Id != id)
        {
            await ViolatedAsync(context, $"{id} is not the event that is under way");
            return;
        }
        if (AnswersWith != 202)
        {
            context.Response.StatusCode = AnswersWith;
            return;
        }
        var (outcome, wrong) = await ReadAsync(context, isError);
        if (outcome is null)
        {
            await ViolatedAsync(context, wrong!);
            return;
        }
        _current = null;
        await WriteAsync(context, 202, new { status = "OK" });
        await context.Response.CompleteAsync();
        current.Ended.SetResult(outcome);
    }

    private async Task InitAsync(HttpContext context)
    {
        var (outcome, wrong) = await ReadAsync(context, isError: true);
        await (outcome is null ? ViolatedAsync(context, wrong!) : WriteAsync(context, 202, new { status = "OK" }));
        if (outcome is not null)
        {
            _init.SetResult(outcome);
        }
    }

    private static async Task<(Outcome? Outcome, string? Wrong)> ReadAsync(HttpContext context, bool isError)
    {
        var body = await BodyAsync(context);
        var mediaType = isError ? "application/vnd.aws.lambda.error+json" : "application/json";
        if (context.Request.ContentType != mediaType)
        {
            return (null, $"its type is {context.Request.ContentType}");
        }
        using var json = JsonDocument.Parse(body);
        if (!isError)
        {
            return (new Outcome(null, null), null);
        }
        var root = json.RootElement;
        var type = context.Request.Headers["Lambda-Runtime-Function-Error-Type"].ToString();
        if (
            !type.Contains('.', StringComparison.Ordinal)
            || root.GetProperty("errorType").GetString() != type
            || root.GetProperty("stackTrace").ValueKind != JsonValueKind.Array
        )
        {
            return (null, $"the error's fields are not those of '{type}'");
        }
        return (new Outcome(type, root.GetProperty("errorMessage").GetString()), null);
    }

    private sealed record Event(string Id, byte[] Body, DateTimeOffset Deadline)
    {
        public TaskCompletionSource<Outcome> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
