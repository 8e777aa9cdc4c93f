using System.ComponentModel.DataAnnotations;

namespace QuickPay.Telemetry;

/// <summary>What is told of single requests, step by step, to a collector that understands OpenTelemetry's protocol.</summary>
public sealed class TracingOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Tracing";

    /// <summary>Where traces are handed over, by HTTP: <c>http://127.0.0.1:4318</c>. Empty: there are none.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>Which share of requests is traced. We draw: a client that says of its own trace that it is recorded changes nothing.</summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; init; } = 0.01;

    /// <summary>Whether anything is traced at all.</summary>
    public bool IsOn => Endpoint.Length > 0;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsOn && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https")))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(Endpoint)} wants a URL such as http://127.0.0.1:4318, or nothing.",
                [nameof(Endpoint)]
            );
        }
    }
}
