using System.Net;
using MaxMind.Db;

namespace QuickPay.Edge.Countries;

/// <summary>
/// One database, never changed. Recent answers are kept, since a client asks again and again: each address has one place among 4,096, and
/// whoever comes to it later takes it over.
/// </summary>
internal sealed class CountryLookup
{
    private const long BytesMax = 256 * 1024 * 1024;
    private const int RecentMax = 4_096;
    private static readonly IPAddress Anybody = IPAddress.Parse("1.1.1.1");
    private readonly Reader _reader;
    private readonly Recent?[] _recent = new Recent?[RecentMax];

    private CountryLookup(Reader reader) => _reader = reader;

    /// <summary>When the database was made.</summary>
    public DateTimeOffset Built => new(_reader.Metadata.BuildDate, TimeSpan.Zero);

    /// <exception cref="InvalidDatabaseException">It is none, or is cut off.</exception>
    public static CountryLookup Open(string file)
    {
        if (FileStamp.Of(file).Length > BytesMax)
        {
            throw new InvalidDataException($"It has more than {BytesMax} bytes.");
        }
        var lookup = new CountryLookup(new Reader(file, FileAccessMode.Memory));
        // Metadata stand at the end: of a database without its middle, or in another form, one learns by asking.
        lookup.Find(Anybody);
        return lookup;
    }

    public string? CountryOf(IPAddress address)
    {
        ref var place = ref _recent[(uint)address.GetHashCode() % RecentMax];
        if (Volatile.Read(ref place) is { } recent && recent.Address.Equals(address))
        {
            return recent.Country;
        }
        var country = Find(address);
        Volatile.Write(ref place, new Recent(address, country));
        return country;
    }

    private string? Find(IPAddress address) =>
        _reader.Find<Entry>(address) is { } entry ? entry.Country?.IsoCode ?? entry.CountryCode : null;

    private sealed record Recent(IPAddress Address, string? Country);

    /// <summary>Both forms in use: MaxMind's, and the flat one of ip-location-db.</summary>
    [method: Constructor]
    internal sealed class Entry([MapKey("country")] CountryPart? country, [MapKey("country_code")] string? countryCode)
    {
        public CountryPart? Country => country;

        public string? CountryCode => countryCode;
    }

    [method: Constructor]
    internal sealed class CountryPart([MapKey("iso_code")] string? isoCode)
    {
        public string? IsoCode => isoCode;
    }
}
