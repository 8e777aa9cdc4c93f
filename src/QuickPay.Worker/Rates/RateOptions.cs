using System.ComponentModel.DataAnnotations;

namespace QuickPay.Worker.Rates;

/// <summary>Where exchange rates come from. The worker that leads asks there; nobody else goes outside.</summary>
public sealed class RateOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Rates";

    /// <summary><c>ecb</c>: the European Central Bank's daily feed; <c>file</c>: a file in the same form; <c>none</c>: nowhere.</summary>
    public string Source { get; init; } = "none";

    /// <summary>Of the daily feed, by HTTPS; plain HTTP to this machine only.</summary>
    public string Url { get; init; } = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml";

    /// <summary>Path of the file; required with <c>file</c>.</summary>
    public string File { get; init; } = "";

    /// <summary>Between two looks. After two that failed in a row the last good rates are called stale.</summary>
    [Range(1, 1440)]
    public int EveryMinutes { get; init; } = 10;

    /// <summary>A look at the source <c>ecb</c> that takes longer has failed.</summary>
    [Range(100, 60_000)]
    public int TimeoutMs { get; init; } = 10_000;

    /// <summary>Rates of which one has moved by more, against the last good one, are refused. When it is true after all: raise this until they are through.</summary>
    [Range(1, 1_000)]
    public int JumpMaxPercent { get; init; } = 20;

    internal TimeSpan Every => TimeSpan.FromMinutes(EveryMinutes);

    /// <summary>Two looks, and a minute in which the second may still be answered.</summary>
    internal TimeSpan FreshFor => Every * 2 + TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Source is not ("none" or "ecb" or "file"))
        {
            yield return new ValidationResult($"{Section}:Source is none, ecb or file.");
        }
        if (Source == "ecb" && !IsSafe(Url))
        {
            yield return new ValidationResult($"{Section}:Url is not an https address, nor an http one of this machine.");
        }
        if (Source == "file" && File.Length == 0)
        {
            yield return new ValidationResult($"{Section}:File is required with the source file.");
        }
    }

    private static bool IsSafe(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}
