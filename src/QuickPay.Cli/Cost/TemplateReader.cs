using System.Globalization;
using System.Text.Json;
using QuickPay.Cli.Aws;

namespace QuickPay.Cli.Cost;

/// <summary>
/// What the resources of an installation use in a month. Every type of resource is either read by one of the tables here or is free for a reason
/// that is written down; any other ends it.
/// </summary>
internal sealed class TemplateReader
{
    private delegate IEnumerable<Usage> Read(TemplateReader reader, Resource resource);

    private static readonly Dictionary<string, Read> Readers = ServerUsages
        .Readers.Concat(StoreUsages.Readers)
        .Concat(NetworkUsages.Readers)
        .Concat(WatchUsages.Readers)
        .ToDictionary(reader => reader.Key, reader => new Read(reader.Value));

    private readonly List<string> _notes = [];

    private TemplateReader(Templates templates, Sizing sizing) => (Templates, Sizing) = (templates, sizing);

    public Templates Templates { get; }

    public Sizing Sizing { get; }

    public Volume Volume => Sizing.Volume;

    public static decimal Hours => Assumptions.HoursAMonth.Value;

    /// <exception cref="UnpricedException">There is something whose price nobody wrote down; the message names it.</exception>
    public static (IReadOnlyList<Usage> Usages, IReadOnlyList<string> Notes) UsagesOf(Templates templates, Sizing sizing, PriceBook book)
    {
        var reader = new TemplateReader(templates, sizing);
        List<Usage> usages = [];
        foreach (var resource in templates.All)
        {
            if (FreeTypes.Has(resource.Type))
                continue;
            if (!Readers.TryGetValue(resource.Type, out var read))
                throw new UnpricedException($"{resource} has neither a price nor a reason to be free.");
            if (SecondRegion.Has(resource))
                reader.Tell(SecondRegion.Note);
            foreach (var usage in read(reader, resource))
            {
                if (book.Find(usage.Price) is null)
                    throw new UnpricedException($"{resource}: there is no price of {usage.Price} in {book.Region}.");
                usages.Add(SecondRegion.Place(resource, usage));
            }
        }
        usages.AddRange(VolumeUsages.Of(reader, usages));
        return ([.. usages.Where(usage => usage.Quantity > 0)], reader._notes);
    }

    /// <summary>Something that whoever reads the bill should know, once.</summary>
    public void Tell(string note)
    {
        if (!_notes.Contains(note))
            _notes.Add(note);
    }

    public bool Has(string type) => Templates.OfType(type).Any();

    /// <summary>A figure of a resource, or what it is when nothing is said.</summary>
    /// <exception cref="UnpricedException">It is no plain figure.</exception>
    public static decimal Number(Resource resource, decimal otherwise, params string[] path)
    {
        var value = resource[path];
        if (value.ValueKind == JsonValueKind.Undefined)
            return otherwise;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new UnpricedException($"{resource}: {string.Join('.', path)} is no plain figure: {text}.");
    }

    public string Text(Resource resource, params string[] path) => Templates.Text(resource.Stack, resource[path]);

    public static bool IsTrue(Resource resource, params string[] path) =>
        resource[path] is var value
        && (value.ValueKind == JsonValueKind.True || value is { ValueKind: JsonValueKind.String } && value.GetString() == "true");

    public static int Count(Resource resource, params string[] path) =>
        resource[path] is { ValueKind: JsonValueKind.Array } list ? list.GetArrayLength() : 0;

    public static IEnumerable<JsonElement> Each(Resource resource, params string[] path) =>
        resource[path] is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>What has a price that depends on something which this program cannot tell is not guessed.</summary>
    public static void Refuse(Resource resource, bool when, string what)
    {
        if (when)
            throw new UnpricedException($"{resource}: {what}; nobody wrote down what that costs.");
    }
}
