using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace QuickPay.Rates;

/// <summary>
/// The form in which the European Central Bank publishes a day's reference rates:
/// <code>
/// &lt;gesmes:Envelope&gt; … &lt;Cube&gt;&lt;Cube time='2026-11-20'&gt;&lt;Cube currency='USD' rate='1.0856'/&gt; …
/// </code>
/// What departs from it in what we read is refused as a whole. What comes from outside stands in no message, but for currency codes.
/// </summary>
public static partial class EcbXml
{
    /// <summary>The real one has less than 2 KiB.</summary>
    public const int BytesMax = 256 * 1024;

    private const string Base = "EUR";
    private const decimal RateMin = 0.000_000_001m;
    private const decimal RateMax = 1_000_000_000m;

    // 15 digits: with more, a cross rate could not be rounded without an error.
    private const int RateLengthMax = 16;

    private static readonly XNamespace Gesmes = "http://www.gesmes.org/xml/2002-08-01";
    private static readonly XNamespace Ecb = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref";

    /// <exception cref="RatesRefusedException">It is not a day's rates in this form.</exception>
    public static DailyRates Read(byte[] xml)
    {
        var root = Parse(xml);
        if (root.Name != Gesmes + "Envelope")
        {
            throw new RatesRefusedException("It is not an envelope of rates.");
        }
        if (root.Elements(Ecb + "Cube").Elements(Ecb + "Cube").ToList() is not [var day])
        {
            throw new RatesRefusedException("It is not the rates of one day.");
        }
        if (
            !DateOnly.TryParseExact(
                (string?)day.Attribute("time"),
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var asOf
            )
        )
        {
            throw new RatesRefusedException("It has no date.");
        }
        var rates = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var cube in day.Elements())
        {
            var code = (string?)cube.Attribute("currency");
            if (cube.Name != Ecb + "Cube" || !DailyRates.IsCode(code) || code == Base)
            {
                throw new RatesRefusedException("It has a rate of something that is not another currency.");
            }
            if (!rates.TryAdd(code!, ReadRate(code!, (string?)cube.Attribute("rate"))))
            {
                throw new RatesRefusedException($"It has {code} twice.");
            }
        }
        return new DailyRates(asOf, Base, rates);
    }

    private static XElement Parse(byte[] xml)
    {
        try
        {
            using var reader = XmlReader.Create(
                new MemoryStream(xml),
                // A DTD could name other files, and make a small text large.
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null }
            );
            return XElement.Load(reader);
        }
        catch (XmlException e)
        {
            throw new RatesRefusedException("It is not XML, or brings a DTD.", e);
        }
    }

    private static decimal ReadRate(string code, string? text)
    {
        if (text is null || text.Length > RateLengthMax || !PlainFigure().IsMatch(text))
        {
            throw new RatesRefusedException($"The rate of {code} is not a plain figure.");
        }
        var rate = decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return rate is >= RateMin and <= RateMax ? rate : throw new RatesRefusedException($"The rate of {code} is zero or absurd.");
    }

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)?\z")]
    private static partial Regex PlainFigure();
}
