using System.Text.Json;

namespace QuickPay.Functions.Runtime;

/// <summary>Log lines as Lambda reads them: JSON with time and level, one a line.</summary>
internal sealed class JsonLog(TextWriter output, TimeProvider time)
{
    /// <summary>Of the event that is being dealt with.</summary>
    public string? RequestId { get; set; }

    public void Information(string message) => Write("INFO", message, reason: null, stack: null);

    /// <summary>With the failure's <see cref="Reason"/>, and where it was thrown; not with what it says of itself.</summary>
    public void Error(string message, Exception exception) => Write("ERROR", message, Reason.Of(exception), exception.StackTrace);

    private void Write(string level, string message, string? reason, string? stack) =>
        output.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    timestamp = time.GetUtcNow().UtcDateTime,
                    level,
                    requestId = RequestId,
                    message,
                    reason,
                    stack,
                }
            )
        );
}
