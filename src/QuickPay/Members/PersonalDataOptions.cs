using System.ComponentModel.DataAnnotations;

namespace QuickPay.Members;

/// <summary>Keys of personal data.</summary>
public sealed class PersonalDataOptions : IValidatableObject
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "PersonalData";

    /// <summary>File with 64 random bytes in base64: 32 that seal the data keys, 32 that index, remember and pepper.</summary>
    [Required]
    public string KeyFile { get; init; } = "";

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PersonalDataKeys.WhyUnreadable(KeyFile) is { } reason)
        {
            yield return new ValidationResult($"{Section}:KeyFile: {KeyFile} is not 64 bytes in base64: {reason}", [nameof(KeyFile)]);
        }
    }
}
