using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuickPay.Cli.Cost;

/// <summary>How well a price is known.</summary>
internal enum PriceBasis
{
    /// <summary>A public list price.</summary>
    [JsonStringEnumMemberName("list")]
    List,

    /// <summary>The case study's figure: the list price is not known here.</summary>
    [JsonStringEnumMemberName("caseStudy")]
    CaseStudy,

    /// <summary>Neither; the note has the reason.</summary>
    [JsonStringEnumMemberName("assumed")]
    Assumed,
}

/// <summary>What one unit costs.</summary>
/// <param name="Value">In the book's currency.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Basis">How well it is known.</param>
/// <param name="Source">The page it is on, or "case study".</param>
/// <param name="Date">The day as of which it is stated.</param>
/// <param name="Note">What else to know; the reason of an assumed one.</param>
internal sealed record Price(decimal Value, string Unit, PriceBasis Basis, string Source, string Date, string? Note = null);

/// <summary>What is taken off for the promise to pay for servers for years.</summary>
internal sealed record ReservedDiscount(decimal Share, PriceBasis Basis, string Source, string Date, string? Note = null);

/// <summary>Dated prices of a region: data beside this file, built into the program.</summary>
internal sealed record PriceBook(
    string Region,
    string Currency,
    string Note,
    IReadOnlyDictionary<string, Price> Prices,
    IReadOnlyDictionary<string, ReservedDiscount> Reserved
)
{
    /// <summary>Families whose prices AWS doubles with the size.</summary>
    private static readonly string[] ProportionalFamilies = ["ec2.r5", "rds.db.r5", "cache.r5"];

    /// <summary>Where the service runs.</summary>
    public static PriceBook Seoul { get; } = Read("prices.ap-northeast-2.json");

    /// <summary>What the case study reckons with.</summary>
    public static PriceBook OfTheCaseStudy { get; } = Read("prices.case-study.json");

    /// <summary>A price by its name; of a large server by that of its family's smallest, where the family's prices are proportional.</summary>
    public Price? Find(string name)
    {
        if (Prices.TryGetValue(name, out var price))
            return price;
        var dot = name.LastIndexOf('.');
        if (dot < 0 || !ProportionalFamilies.Contains(name[..dot]) || InstanceSize.UnitsOf(name) is not { } units)
            return null;
        return Prices.TryGetValue($"{name[..dot]}.large", out var large)
            ? large with
            {
                Value = large.Value * units,
                Note = $"{units} times that of large, as in this family" + (large.Note is { } note ? $"; {note}" : ""),
            }
            : null;
    }

    /// <exception cref="InvalidDataException">It is no price book.</exception>
    public static PriceBook Parse(Stream json) =>
        JsonSerializer.Deserialize(json, PriceBookJson.Default.PriceBook) is { } book
        && book.Prices.Values.All(price => price is { Value: > 0, Unit.Length: > 0, Source.Length: > 0, Date.Length: > 0 })
            ? book
            : throw new InvalidDataException("A price needs a value above 0, a unit, a source and a date.");

    private static PriceBook Read(string name)
    {
        using var stream = typeof(PriceBook).Assembly.GetManifestResourceStream(name)!;
        return Parse(stream);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(PriceBook))]
internal sealed partial class PriceBookJson : JsonSerializerContext;
