using System.ComponentModel.DataAnnotations;

namespace QuickPay.Edge.Countries;

/// <summary>
/// From which countries members may come in, by ISO 3166-1 code; one list at most. Private and loopback addresses have no country, and
/// neither list applies to them.
/// </summary>
public sealed class CountryOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "Countries";

    /// <summary>
    /// IP-country database in MMDB form, with <c>country.iso_code</c> or <c>country_code</c>. Read again when it changes. While it is
    /// missing all countries are unknown.
    /// </summary>
    public string DatabaseFile { get; init; } = "";

    /// <summary>Countries that are refused, such as <c>KP,IR</c>; all others may come in.</summary>
    public string Deny { get; init; } = "";

    /// <summary>The only countries that may come in; all others are refused.</summary>
    public string Allow { get; init; } = "";

    /// <summary>
    /// <c>allow</c> or <c>deny</c>: what becomes of public addresses that the database does not know. Empty: what the list does with
    /// countries that it does not name, so that <c>Allow</c> refuses and <c>Deny</c> lets in.
    /// </summary>
    public string UnknownCountries { get; init; } = "";

    /// <summary>A database built more days ago than this is reported as old, each day; addresses change hands.</summary>
    [Range(1, 3_650)]
    public int OldAfterDays { get; init; } = 45;

    internal bool HasRules => Deny.Length + Allow.Length > 0;

    internal bool LetsUnknownIn => UnknownCountries.Length > 0 ? UnknownCountries == "allow" : Allow.Length == 0;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Deny.Length > 0 && Allow.Length > 0)
        {
            yield return new ValidationResult($"{Section}: Deny and Allow are both set; choose one.");
        }
        foreach (var code in EdgeOptions.Split(Deny).Concat(EdgeOptions.Split(Allow)))
        {
            if (code is not [>= 'A' and <= 'Z', >= 'A' and <= 'Z'])
            {
                yield return new ValidationResult($"{Section}: {code} is not a country code of two capital letters, such as KR.");
            }
        }
        if (UnknownCountries is not ("" or "allow" or "deny"))
        {
            yield return new ValidationResult($"{Section}:UnknownCountries is allow, deny or empty.");
        }
        if (HasRules && DatabaseFile.Length == 0)
        {
            yield return new ValidationResult($"{Section}: the rules need a DatabaseFile.");
        }
    }
}
