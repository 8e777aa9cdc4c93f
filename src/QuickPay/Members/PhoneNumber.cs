using System.Text.RegularExpressions;
using PhoneNumbers;

namespace QuickPay.Members;

/// <summary>Phone numbers name members, so there must be one spelling of each: E.164 (<c>+821012345678</c>).</summary>
public static partial class PhoneNumber
{
    private const string HomeRegion = "KR";
    private const int LengthMax = 32;
    private static readonly PhoneNumberUtil Numbers = PhoneNumberUtil.GetInstance();

    /// <summary>Reads E.164 or Korean national notation, with or without spaces and dashes.</summary>
    public static bool TryNormalise(string? text, out string e164)
    {
        e164 = "";
        if (text is null || text.Length > LengthMax || !OnlyPhoneCharacters().IsMatch(text))
        {
            return false;
        }

        try
        {
            var number = Numbers.Parse(text, HomeRegion);
            var formatted = Numbers.Format(number, PhoneNumberFormat.E164);
            if (!Numbers.IsValidNumber(number) && !KoreanMobile().IsMatch(formatted))
            {
                return false;
            }

            e164 = formatted;
            return true;
        }
        catch (NumberParseException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^\+?[0-9 ().-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex OnlyPhoneCharacters();

    // The whole of 010 is mobile by the Korean numbering plan; the library's metadata lags behind ranges opened last.
    [GeneratedRegex(@"^\+8210\d{8}\z", RegexOptions.CultureInvariant)]
    private static partial Regex KoreanMobile();
}
