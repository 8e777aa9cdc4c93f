using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>What CloudFormation was told of a custom resource.</summary>
internal sealed record StackAnswer(string Status, string Reason, string PhysicalId, Dictionary<string, string> Data)
{
    public StackAnswer ShouldBeSuccess()
    {
        Assert.Equal(("SUCCESS", ""), (Status, Reason));
        return this;
    }

    /// <summary>Returns why.</summary>
    public string ShouldBeFailure()
    {
        Assert.Equal("FAILED", Status);
        return Reason;
    }
}

/// <summary>CloudFormation with a stack that has one custom resource: it sends events, and an address that takes their answers.</summary>
internal sealed class FakeStack : LoopbackApp
{
    public const string PhysicalId = "quickpay-database";
    private const string StackId = "arn:aws:cloudformation:eu-central-1:123456789012:stack/quickpay-test-setup/51af3dc0";
    private const string LogicalId = "Database";

    /// <summary>Of the address: who knows it may answer.</summary>
    public const string AddressSecret = "X-Amz-Signature=3f0c1d5a9be24e0f8f1f6f";
    private const int AnswerBytesMax = 4096;
    private readonly List<(string RequestId, StackAnswer Answer)> _answers = [];
    private readonly Lock _gate = new();
    private int _requests;

    /// <summary>So many answers are refused.</summary>
    public int RefusesNext { get; set; }

    public static async Task<FakeStack> BeginAsync()
    {
        var stack = new FakeStack();
        await stack.StartAsync();
        return stack;
    }

    /// <summary>An event, and the id under which its answer will be.</summary>
    public (string Id, string Event) Event(string type, string? physicalId = null)
    {
        var id = $"request-{Interlocked.Increment(ref _requests)}";
        var fields = new Dictionary<string, object>
        {
            ["RequestType"] = type,
            ["ResponseURL"] = $"{Address}answers/{id}?{AddressSecret}",
            ["StackId"] = StackId,
            ["RequestId"] = id,
            ["LogicalResourceId"] = LogicalId,
            ["ResourceType"] = "AWS::CloudFormation::CustomResource",
            ["ResourceProperties"] = new { ProgramVersion = "1" },
        };
        if (physicalId is not null)
        {
            fields["PhysicalResourceId"] = physicalId;
        }
        return (id, JsonSerializer.Serialize(fields));
    }

    /// <summary>The one answer that came.</summary>
    public StackAnswer AnswerTo(string id)
    {
        ShouldHaveBeenUsedRight();
        lock (_gate)
        {
            return Assert.Single(_answers, answer => answer.RequestId == id).Answer;
        }
    }

    public bool IsAnswered(string id)
    {
        lock (_gate)
        {
            return _answers.Exists(answer => answer.RequestId == id);
        }
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        var body = await BodyAsync(context);
        var wrong =
            context.Request.Method != "PUT" || context.Request.QueryString.Value != $"?{AddressSecret}" ? "no such address"
            : context.Request.ContentType is not null ? $"its address was signed without a type, and it has {context.Request.ContentType}"
            : context.Request.ContentLength is null ? "its length is not told"
            : body.Length > AnswerBytesMax ? "it is too long"
            : null;
        if (wrong is not null)
        {
            await ViolatedAsync(context, wrong, 403);
            return;
        }
        lock (_gate)
        {
            if (RefusesNext > 0)
            {
                RefusesNext--;
                context.Response.StatusCode = 503;
                return;
            }
        }
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(body));
        var root = json.RootElement;
        var id = Text("RequestId");
        if (
            Text("StackId") != StackId
            || Text("LogicalResourceId") != LogicalId
            || !context.Request.Path.Value!.EndsWith(id, StringComparison.Ordinal)
        )
        {
            await ViolatedAsync(context, "it answers something else");
            return;
        }
        var data = root.GetProperty("Data").EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!);
        lock (_gate)
        {
            _answers.Add((id, new StackAnswer(Text("Status"), Text("Reason"), Text("PhysicalResourceId"), data)));
        }

        string Text(string name) => root.GetProperty(name).GetString()!;
    }
}
