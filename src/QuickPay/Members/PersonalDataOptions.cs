using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace QuickPay.Members;

/// <summary>Keys of personal data. Bound from the section <c>PersonalData</c> of the settings file.</summary>
public sealed class PersonalDataOptions
{
    /// <summary>Section of the settings file.</summary>
    public const string Section = "PersonalData";

    /// <summary>File with 64 random bytes in base64: 32 that seal the data keys, 32 that index, remember and pepper.</summary>
    [Required]
    public string KeyFile { get; set; } = "";

    internal sealed class KeyIsReadable : IValidateOptions<PersonalDataOptions>
    {
        public ValidateOptionsResult Validate(string? name, PersonalDataOptions options)
        {
            if (options.KeyFile.Length == 0)
            {
                return ValidateOptionsResult.Skip;
            }

            try
            {
                PersonalDataKeys.Load(options.KeyFile);
                return ValidateOptionsResult.Success;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                return ValidateOptionsResult.Fail($"PersonalData:KeyFile {options.KeyFile} is not 64 bytes in base64: {e.Message}");
            }
        }
    }
}
