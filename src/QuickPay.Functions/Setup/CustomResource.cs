using System.Text.Json;

namespace QuickPay.Functions.Setup;

/// <summary>What CloudFormation asks of a resource that it cannot make itself.</summary>
/// <param name="Type"><c>Create</c>, <c>Update</c> or <c>Delete</c>.</param>
/// <param name="ResponseUrl">Whoever knows it can answer: it stands in no log.</param>
/// <param name="PhysicalId">Of what there is; null at first. Another one in the answer would have this one deleted.</param>
internal sealed record CustomResourceRequest(
    string Type,
    Uri ResponseUrl,
    string StackId,
    string RequestId,
    string LogicalId,
    string? PhysicalId
)
{
    /// <exception cref="FunctionException">It cannot even be answered.</exception>
    public static CustomResourceRequest Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            var url = new Uri(Text("ResponseURL"), UriKind.Absolute);
            if (url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback)
            {
                throw new FunctionException("The event's ResponseURL is not https.");
            }
            return new CustomResourceRequest(
                Text("RequestType"),
                url,
                Text("StackId"),
                Text("RequestId"),
                Text("LogicalResourceId"),
                root.TryGetProperty("PhysicalResourceId", out var id) ? id.GetString() : null
            );

            string Text(string name) => root.GetProperty(name).GetString() ?? throw new FunctionException($"The event's {name} is null.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException)
        {
            throw new FunctionException("The event is none of CloudFormation's for a custom resource.", e);
        }
    }
}

/// <summary>What becomes of it.</summary>
/// <param name="Reason">Why it failed; null when it did not.</param>
/// <param name="Data">What a template may ask for.</param>
internal sealed record CustomResourceAnswer(string? Reason, IReadOnlyDictionary<string, string> Data);

/// <summary>Brings answers to where CloudFormation waits for them: an address that takes one file.</summary>
internal sealed class CustomResourceAnswers(HttpClient http, TimeProvider time)
{
    private const string FirstPhysicalId = "quickpay-database";
    private const int ReasonLengthMax = 1_000;
    private const int AttemptsMax = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <exception cref="FunctionException">It could not be delivered: CloudFormation would wait for an hour.</exception>
    public async Task PutAsync(CustomResourceRequest request, CustomResourceAnswer answer, DateTimeOffset deadline)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Status = answer.Reason is null ? "SUCCESS" : "FAILED",
                Reason = answer.Reason is { Length: > ReasonLengthMax } reason ? reason[..ReasonLengthMax] : answer.Reason ?? "",
                PhysicalResourceId = request.PhysicalId ?? FirstPhysicalId,
                request.StackId,
                request.RequestId,
                LogicalResourceId = request.LogicalId,
                answer.Data,
            }
        );
        var left = deadline - time.GetUtcNow();
        using var end = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        string failure;
        var attempt = 0;
        do
        {
            failure = await TryAsync(request.ResponseUrl, bytes, end.Token) ?? "";
            if (failure.Length == 0)
            {
                return;
            }
            await Task.Delay(Pause, time, CancellationToken.None);
        } while (++attempt < AttemptsMax && !end.IsCancellationRequested);
        throw new FunctionException($"CloudFormation did not take the answer: {failure}.");
    }

    /// <returns>Null when it was taken.</returns>
    private async Task<string?> TryAsync(Uri address, byte[] bytes, CancellationToken end)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(Patience);
        try
        {
            // Without a type: the address was signed for a file that has none.
            using var content = new ByteArrayContent(bytes);
            using var response = await http.PutAsync(address, content, limit.Token);
            return response.IsSuccessStatusCode ? null : $"it answered {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return e.GetType().Name;
        }
    }
}
