using System.Text.Json;

namespace QuickPay.Functions.Secrets;

/// <summary>A secret's value. It has no text form, so that it cannot slip into a log.</summary>
internal sealed class SecretValue(string? text, string version, DateTimeOffset madeAt)
{
    /// <summary>Null for one of bytes.</summary>
    public string? Text { get; } = text;

    public string Version { get; } = version;

    public DateTimeOffset MadeAt { get; } = madeAt;
}

/// <summary>A secret without its values.</summary>
/// <param name="ChangedAt">When anything of it was changed last, also which value counts.</param>
/// <param name="Stages">What each version is: <see cref="SecretsManager.Current"/> and the others.</param>
internal sealed record SecretDescription(DateTimeOffset ChangedAt, IReadOnlyDictionary<string, IReadOnlyList<string>> Stages)
{
    /// <summary>Null when none is.</summary>
    public string? VersionAt(string stage) => Stages.FirstOrDefault(version => version.Value.Contains(stage)).Key;
}

/// <summary>AWS Secrets Manager, as far as four calls go.</summary>
internal sealed class SecretsManager(HttpClient http, Uri endpoint, RequestSigner signer, TimeProvider time)
{
    /// <summary>The value that counts.</summary>
    public const string Current = "AWSCURRENT";

    /// <summary>The one before.</summary>
    public const string Previous = "AWSPREVIOUS";

    /// <summary>The one that is to be next.</summary>
    public const string Pending = "AWSPENDING";
    private const int AttemptsMax = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>In the region that Lambda names, or where <c>AWS_ENDPOINT_URL_SECRETS_MANAGER</c> says.</summary>
    public static SecretsManager Of(FunctionSettings settings, HttpClient http, TimeProvider time)
    {
        var region = settings.Get("AWS_REGION");
        var endpoint = settings.Find("AWS_ENDPOINT_URL_SECRETS_MANAGER") ?? $"https://secretsmanager.{region}.amazonaws.com";
        return new SecretsManager(http, new Uri(endpoint), new RequestSigner(region, time), time);
    }

    /// <exception cref="FunctionException">There is none, or none of text.</exception>
    public async Task<string> GetTextAsync(string secret, CancellationToken cancellationToken) =>
        (await FindAsync(secret, Current, cancellationToken))?.Text ?? throw new FunctionException($"{secret} has no text.");

    /// <returns>Null when there is no such secret, or no such value of it.</returns>
    public async Task<SecretValue?> FindAsync(string secret, string stage, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await AskAsync("GetSecretValue", secret, new { SecretId = secret, VersionStage = stage }, cancellationToken);
            return new SecretValue(
                answer.TryGetProperty("SecretString", out var text) ? text.GetString() : null,
                answer.GetProperty("VersionId").GetString()!,
                TimeOf(answer.GetProperty("CreatedDate"))
            );
        }
        catch (RefusedException e) when (e.Type == "ResourceNotFoundException")
        {
            return null;
        }
    }

    /// <summary>Writes a new value, unless there was another one under this token: of two who write, one does.</summary>
    /// <param name="secret">Its ARN.</param>
    /// <param name="text">Its new value.</param>
    /// <param name="token">The new version's id, 32 to 64 characters; the same again with the same value changes nothing.</param>
    /// <param name="stage">What it is to be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when another one was there.</returns>
    public async Task<bool> TryPutAsync(string secret, string text, string token, string stage, CancellationToken cancellationToken)
    {
        try
        {
            var body = new
            {
                SecretId = secret,
                ClientRequestToken = token,
                SecretString = text,
                VersionStages = new[] { stage },
            };
            await AskAsync("PutSecretValue", secret, body, cancellationToken);
            return true;
        }
        catch (RefusedException e) when (e.Type == "ResourceExistsException")
        {
            return false;
        }
    }

    /// <exception cref="FunctionException">There is none.</exception>
    public async Task<SecretDescription> DescribeAsync(string secret, CancellationToken cancellationToken)
    {
        var answer = await AskAsync("DescribeSecret", secret, new { SecretId = secret }, cancellationToken);
        return new SecretDescription(
            TimeOf(answer.GetProperty("LastChangedDate")),
            answer
                .GetProperty("VersionIdsToStages")
                .EnumerateObject()
                .ToDictionary(
                    version => version.Name,
                    version => (IReadOnlyList<string>)[.. version.Value.EnumerateArray().Select(stage => stage.GetString()!)]
                )
        );
    }

    /// <summary>Another version is at a stage from now on. What was <see cref="Current"/> becomes <see cref="Previous"/> by that.</summary>
    /// <param name="secret">Its ARN.</param>
    /// <param name="stage">Which one.</param>
    /// <param name="from">The version that is there; it is refused when that is another one.</param>
    /// <param name="to">Null: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task MoveAsync(string secret, string stage, string from, string? to, CancellationToken cancellationToken)
    {
        var body = new Dictionary<string, string>
        {
            ["SecretId"] = secret,
            ["VersionStage"] = stage,
            ["RemoveFromVersionId"] = from,
        };
        if (to is not null)
        {
            body["MoveToVersionId"] = to;
        }
        return AskAsync("UpdateSecretVersionStage", secret, body, cancellationToken);
    }

    /// <summary>Seconds since 1970, with a fraction.</summary>
    private static DateTimeOffset TimeOf(JsonElement seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds.GetDouble());

    private async Task<JsonElement> AskAsync(string action, string secret, object body, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body);
        for (var attempt = 1; ; attempt++)
        {
            var refused = await TryAsync();
            if (refused is JsonElement answer)
            {
                return answer;
            }
            await Task.Delay(Pause * (1 << attempt), time, cancellationToken);

            // Null: it may be better the next time.
            async Task<JsonElement?> TryAsync()
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(Patience);
                try
                {
                    using var request = signer.Sign(endpoint, action, bytes);
                    using var response = await http.SendAsync(request, limit.Token);
                    var content = await response.Content.ReadAsByteArrayAsync(limit.Token);
                    if (response.IsSuccessStatusCode)
                    {
                        return JsonSerializer.Deserialize<JsonElement>(content);
                    }
                    var type = TypeOf(content);
                    return
                        attempt < AttemptsMax
                        && ((int)response.StatusCode >= 500 || type.StartsWith("Throttling", StringComparison.Ordinal))
                        ? null
                        : throw new RefusedException(action, secret, type, (int)response.StatusCode);
                }
                catch (Exception e)
                    when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
                {
                    return attempt < AttemptsMax
                        ? null
                        : throw new FunctionException($"Secrets Manager does not answer {action} for {secret}: {e.GetType().Name}.", e);
                }
            }
        }
    }

    /// <summary>The name of the error. Not what it says: that may be a part of what was sent.</summary>
    private static string TypeOf(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(content).GetProperty("__type").GetString()!.Split('#')[^1];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return "an error without a name";
        }
    }

    private sealed class RefusedException(string action, string secret, string type, int status)
        : FunctionException($"Secrets Manager refuses {action} for {secret}: {type} ({status}).")
    {
        public string Type { get; } = type;
    }
}
