using System.ComponentModel.DataAnnotations;

namespace QuickPay.Edge.Balancing;

/// <summary>How requests are spread over the API servers.</summary>
public sealed class BalancingOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Balancing";

    /// <summary>
    /// JSON file with the API servers: <c>{"servers": [{"id": "api-1", "address": "http://127.0.0.1:8081"}]}</c>. Read again when it
    /// changes; a server that is taken out finishes what it has begun and gets nothing new.
    /// </summary>
    [Required]
    public string ServersFile { get; init; } = "";

    /// <summary>
    /// PEM file of the authority that certificates of servers with an <c>https</c> address must be from, and no other; empty: those that the
    /// machine believes.
    /// </summary>
    public string RootCertificate { get; init; } = "";

    /// <summary>Between two questions to each server whether it is ready.</summary>
    [Range(100, 60_000)]
    public int ProbeEveryMs { get; init; } = 1_000;

    /// <summary>A probe unanswered for this long has failed.</summary>
    [Range(50, 60_000)]
    public int ProbeTimeoutMs { get; init; } = 800;

    /// <summary>A server that does not take a connection within this time counts as gone.</summary>
    [Range(50, 60_000)]
    public int ConnectTimeoutMs { get; init; } = 1_000;

    /// <summary>
    /// A request that is not answered within this time, second try included, is given up, and so is a long answer in which nothing moves for
    /// that long. More than the 10 s within which a server answers about money.
    /// </summary>
    [Range(1_000, 120_000)]
    public int AnswerTimeoutMs { get; init; } = 15_000;

    /// <summary>Requests that one server works on at a time, and so connections to it. When all have that many, more are refused.</summary>
    [Range(1, 10_000)]
    public int InFlightPerServerMax { get; init; } = 512;

    /// <summary>
    /// Of these, over all servers, how many for one client address (IPv6: one /64 network); one more is answered 429. Each edge counts for
    /// itself.
    /// </summary>
    [Range(1, 10_000)]
    public int InFlightPerClientMax { get; init; } = 128;

    /// <summary>Whether a member stays with one server while it is there.</summary>
    public bool Sticky { get; init; } = true;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RootCertificate.Length > 0 && !File.Exists(RootCertificate))
        {
            yield return new ValidationResult($"{Section}:RootCertificate: no file at {RootCertificate}.", [nameof(RootCertificate)]);
        }
    }
}
