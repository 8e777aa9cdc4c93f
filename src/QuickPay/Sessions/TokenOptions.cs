using System.ComponentModel.DataAnnotations;

namespace QuickPay.Sessions;

/// <summary>Access tokens.</summary>
public sealed class TokenOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Tokens";

    /// <summary>PEM file with the EC P-256 private key that signs. Only API servers have one: the edge just verifies, and is given none.</summary>
    public string SigningKeyFile { get; init; } = "";

    /// <summary>
    /// PEM files (comma-separated) of keys whose tokens are still believed while they are being replaced: add the new key here on
    /// every server first, then make it the signing key and put the old one here for one token's lifetime. The public half is enough.
    /// Hosts look into these files and that of the signing key every ten seconds, so what is in them may be replaced while they run: with
    /// two files here, for the next key and for the one before (the same key in all three while there is one), at no moment one is missing.
    /// </summary>
    public string AlsoBelievedKeyFiles { get; init; } = "";

    /// <summary><c>iss</c> of every token.</summary>
    [Required]
    public string Issuer { get; init; } = "";

    /// <summary><c>aud</c> of every token.</summary>
    [Required]
    public string Audience { get; init; } = "";

    /// <summary>Lifetime of an access token. The session behind it may end sooner and is asked on every call.</summary>
    [Range(60, 3600)]
    public int LifetimeSeconds { get; init; } = 900;

    /// <summary>Verified tokens remembered by one server, so that the hot path does no elliptic-curve arithmetic (about 1 KB each).</summary>
    [Range(100, 1_000_000)]
    public int RememberedMax { get; init; } = 20_000;

    internal IEnumerable<string> AlsoBelieved =>
        AlsoBelievedKeyFiles.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SigningKeyFile.Length == 0 && !AlsoBelieved.Any())
        {
            yield return new ValidationResult($"{Section}: no key at all: neither SigningKeyFile nor AlsoBelievedKeyFiles is given.");
        }
        if (SigningKeyFile.Length > 0 && SigningKeys.WhyUnreadable(SigningKeyFile, mustSign: true) is { } whyNot)
        {
            yield return new ValidationResult($"{Section}: {SigningKeyFile} is not a readable EC P-256 private key in PEM form: {whyNot}");
        }
        foreach (var file in AlsoBelieved)
        {
            if (SigningKeys.WhyUnreadable(file) is { } reason)
            {
                yield return new ValidationResult($"{Section}: {file} is not a readable EC P-256 key in PEM form: {reason}");
            }
        }
    }
}
