using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace QuickPay.IntegrationTests.Functions;

/// <summary>AWS Secrets Manager: values have versions, of which two have labels, and a version that is there is never another one.</summary>
internal sealed class FakeSecrets : LoopbackApp
{
    public const string Region = "eu-central-1";
    private const string MediaType = "application/x-amz-json-1.1";
    public static readonly AccessKey Key = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a-token/of+a-session==");
    private readonly Dictionary<string, Secret> _secrets = [];
    private readonly List<(string Action, string Secret)> _calls = [];
    private readonly ConcurrentQueue<(int Status, string Type)> _failures = [];
    private readonly Lock _gate = new();

    /// <summary>Every text that was ever one.</summary>
    public ConcurrentBag<string> Texts { get; } = [];

    /// <summary>Before a value is written: the secret's name and the version's id.</summary>
    public Func<string, string, Task> BeforePut { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>When a call has had its effect, and is not yet answered.</summary>
    public Func<string, Task> Done { get; set; } = _ => Task.CompletedTask;

    public static async Task<FakeSecrets> BeginAsync()
    {
        var secrets = new FakeSecrets();
        await secrets.StartAsync();
        return secrets;
    }

    public static string ArnOf(string name) => $"arn:aws:secretsmanager:{Region}:123456789012:secret:quickpay/test/{name}-Ab12Cd";

    private static string NameOf(string arn) => arn.Split('/')[^1][..^7];

    /// <summary>The calls so far that may change something.</summary>
    public int Puts
    {
        get
        {
            lock (_gate)
            {
                return _calls.Count(call => call.Action is "PutSecretValue" or "UpdateSecretVersionStage");
            }
        }
    }

    public int Calls
    {
        get
        {
            lock (_gate)
            {
                return _calls.Count;
            }
        }
    }

    /// <summary>Calls are met with these, one each.</summary>
    public void FailNext(int status, string type, int times = 1)
    {
        for (var n = 0; n < times; n++)
        {
            _failures.Enqueue((status, type));
        }
    }

    public string? TextOf(string name, string stage = "AWSCURRENT")
    {
        lock (_gate)
        {
            return _secrets.GetValueOrDefault(ArnOf(name))?.At(stage)?.Text;
        }
    }

    /// <summary>As somebody else takes a stage from the version that is at it.</summary>
    public void Unlabel(string name, string stage)
    {
        lock (_gate)
        {
            _secrets[ArnOf(name)].Stages.Remove(stage);
        }
    }

    /// <summary>So much time passes in which nothing is changed.</summary>
    public void Age(string name, TimeSpan by)
    {
        lock (_gate)
        {
            var secret = _secrets[ArnOf(name)];
            secret.ChangedAt -= by;
            secret.Versions.ForEach(version => version.MadeAt -= by);
        }
    }

    /// <summary>As somebody else writes a value.</summary>
    /// <param name="text">Null: bytes.</param>
    public void Put(string name, string? text, string? version = null, string stage = "AWSCURRENT")
    {
        lock (_gate)
        {
            if (!_secrets.TryGetValue(ArnOf(name), out var secret))
            {
                _secrets[ArnOf(name)] = secret = new Secret();
            }
            Add(secret, version ?? $"00000000-0000-4000-8000-{secret.Versions.Count:D12}", text, stage);
        }
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        var body = await BodyAsync(context);
        var target = context.Request.Headers["X-Amz-Target"].ToString().Split('.');
        var wrong =
            context.Request.Method != "POST" || context.Request.Path != "/" ? "no such call"
            : context.Request.ContentType != MediaType ? $"its type is {context.Request.ContentType}"
            : target is not ["secretsmanager", "GetSecretValue" or "PutSecretValue" or "DescribeSecret" or "UpdateSecretVersionStage"]
                ? "no such target"
            : Signature.WhyWrong(context.Request, body, Key, Region, "secretsmanager");
        if (wrong is not null)
        {
            await ViolatedAsync(context, wrong, 403);
            return;
        }
        var action = target[1];
        using var json = JsonDocument.Parse(body);
        var arn = json.RootElement.GetProperty("SecretId").GetString()!;
        if (_failures.TryDequeue(out var failure))
        {
            await RefuseAsync(context, failure.Status, failure.Type);
            return;
        }
        (int Status, object Body) answer;
        if (action == "PutSecretValue")
        {
            await BeforePut(NameOf(arn), json.RootElement.GetProperty("ClientRequestToken").GetString()!);
        }
        lock (_gate)
        {
            _calls.Add((action, arn));
            answer = action switch
            {
                "GetSecretValue" => Get(arn, json.RootElement),
                "PutSecretValue" => PutValue(arn, json.RootElement),
                "DescribeSecret" => Describe(arn),
                _ => Move(arn, json.RootElement),
            };
        }
        await Done(action);
        await WriteAsync(context, answer.Status, answer.Body, MediaType);
    }

    private (int, object) Get(string arn, JsonElement request)
    {
        var secret = _secrets.GetValueOrDefault(arn);
        var version = secret?.At(request.GetProperty("VersionStage").GetString()!);
        return version is null ? Refusal("ResourceNotFoundException")
            : version.Text is null
                ? (
                    200,
                    new
                    {
                        ARN = arn,
                        VersionId = version.Id,
                        CreatedDate = Seconds(version.MadeAt),
                        SecretBinary = "AAEC",
                    }
                )
            : (
                200,
                new
                {
                    ARN = arn,
                    VersionId = version.Id,
                    CreatedDate = Seconds(version.MadeAt),
                    SecretString = version.Text,
                }
            );
    }

    private (int, object) PutValue(string arn, JsonElement request)
    {
        if (!_secrets.TryGetValue(arn, out var secret))
        {
            return Refusal("ResourceNotFoundException");
        }
        var (token, text) = (request.GetProperty("ClientRequestToken").GetString()!, request.GetProperty("SecretString").GetString()!);
        if (token.Length is < 32 or > 64)
        {
            return Refusal("InvalidParameterException");
        }
        if (secret.Versions.Find(version => version.Id == token) is { } there)
        {
            return there.Text == text ? (200, new { ARN = arn, VersionId = token }) : Refusal("ResourceExistsException");
        }
        Add(secret, token, text, request.GetProperty("VersionStages").EnumerateArray().Single().GetString()!);
        return (200, new { ARN = arn, VersionId = token });
    }

    private (int, object) Describe(string arn) =>
        !_secrets.TryGetValue(arn, out var secret)
            ? Refusal("ResourceNotFoundException")
            : (
                200,
                new
                {
                    ARN = arn,
                    LastChangedDate = Seconds(secret.ChangedAt),
                    VersionIdsToStages = secret
                        .Stages.GroupBy(stage => stage.Value.Id)
                        .ToDictionary(version => version.Key, version => version.Select(stage => stage.Key)),
                }
            );

    private (int, object) Move(string arn, JsonElement request)
    {
        var stage = request.GetProperty("VersionStage").GetString()!;
        if (!_secrets.TryGetValue(arn, out var secret))
        {
            return Refusal("ResourceNotFoundException");
        }
        if (secret.At(stage)?.Id != request.GetProperty("RemoveFromVersionId").GetString())
        {
            return Refusal("InvalidParameterException");
        }
        if (!request.TryGetProperty("MoveToVersionId", out var to))
        {
            // Some value counts always.
            if (stage == "AWSCURRENT")
            {
                return Refusal("InvalidParameterException");
            }
            secret.Stages.Remove(stage);
        }
        else if (secret.Versions.Find(version => version.Id == to.GetString()) is { } version)
        {
            secret.Set(stage, version);
        }
        else
        {
            return Refusal("ResourceNotFoundException");
        }
        secret.ChangedAt = TimeProvider.System.GetUtcNow();
        return (200, new { ARN = arn });
    }

    private void Add(Secret secret, string id, string? text, string stage = "AWSCURRENT")
    {
        if (text is not null)
        {
            Texts.Add(text);
        }
        var version = new Version(id, text) { MadeAt = TimeProvider.System.GetUtcNow() };
        secret.Versions.Add(version);
        secret.Set(stage, version);
        secret.ChangedAt = version.MadeAt;
    }

    private static double Seconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static (int, object) Refusal(string type) => (400, new { __type = type, Message = "Refused." });

    private static Task RefuseAsync(HttpContext context, int status, string type) =>
        WriteAsync(context, status, new { __type = $"com.amazonaws.secretsmanager#{type}", Message = "Refused." }, MediaType);

    private sealed class Secret
    {
        public List<Version> Versions { get; } = [];

        public Dictionary<string, Version> Stages { get; } = [];

        public DateTimeOffset ChangedAt { get; set; }

        public Version? Current => At("AWSCURRENT");

        public Version? At(string stage) => Stages.GetValueOrDefault(stage);

        /// <summary>What counted until now is the previous one.</summary>
        public void Set(string stage, Version version)
        {
            if (stage == "AWSCURRENT" && Current is { } current)
            {
                Stages["AWSPREVIOUS"] = current;
            }
            Stages[stage] = version;
        }
    }

    private sealed record Version(string Id, string? Text)
    {
        public DateTimeOffset MadeAt { get; set; }
    }
}
