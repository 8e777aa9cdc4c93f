using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using QuickPay.Edge.Countries;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Edge.Countries;

/// <summary>The database: both forms, both families, replaced, broken, missing and old.</summary>
public sealed class CountryDatabaseTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("quickpay-countries-").FullName, "countries.mmdb");
    private readonly FakeTimeProvider _time = new(Start);
    private readonly RecordedLog _log = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Countries_are_found_in_both_forms_and_families(bool flat)
    {
        new MmdbWriter(flat).Add("203.0.113.0/24", "KR").Add("203.0.112.0/25", "US").Add("2001:db8:1::/48", "KP").Write(_file, Start);

        var lookup = CountryLookup.Open(_file);

        Assert.Equal("KR", lookup.CountryOf(IPAddress.Parse("203.0.113.255")));
        Assert.Equal("US", lookup.CountryOf(IPAddress.Parse("203.0.112.127")));
        Assert.Null(lookup.CountryOf(IPAddress.Parse("203.0.112.128")));
        Assert.Equal("KP", lookup.CountryOf(IPAddress.Parse("2001:db8:1:ffff::1")));
        Assert.Null(lookup.CountryOf(IPAddress.Parse("2001:db8:2::1")));
        Assert.Equal(Start, lookup.Built);
    }

    [Fact]
    public async Task A_new_file_is_used_and_a_broken_or_missing_one_leaves_the_old()
    {
        var address = IPAddress.Parse("203.0.113.1");
        new MmdbWriter().Add("203.0.113.0/24", "KR").Write(_file, Start);
        using var database = await StartAsync(new CountryOptions { DatabaseFile = _file, Deny = "KP" });
        Assert.Equal("KR", database.CountryOf(address));

        new MmdbWriter().Add("203.0.113.0/24", "DE").Add("203.0.114.0/24", "US").Write(_file, Start);
        await LookAsync(4304);
        Assert.Equal("DE", database.CountryOf(address));

        var whole = File.ReadAllBytes(_file);
        File.WriteAllBytes(_file, whole[..(whole.Length / 2)]);
        await LookAsync(4302);
        Assert.Equal("DE", database.CountryOf(address));

        File.Delete(_file);
        await LookAsync(4302);
        Assert.Equal("DE", database.CountryOf(address));
    }

    [Fact]
    public async Task However_a_file_is_cut_at_its_end_the_old_one_stays()
    {
        var address = IPAddress.Parse("203.0.113.1");
        new MmdbWriter().Add("203.0.113.0/24", "KR").Write(_file, Start);
        using var database = await StartAsync(new CountryOptions { DatabaseFile = _file, Deny = "KP" });
        var whole = File.ReadAllBytes(_file);

        for (var cut = 1; cut <= Math.Min(300, whole.Length); cut++)
        {
            File.WriteAllBytes(_file, whole[..^cut]);
            await LookAsync(4302);
            Assert.Equal("KR", database.CountryOf(address));
        }
        Assert.False(database.ExecuteTask!.IsCompleted);
    }

    /// <summary>The reader makes something else of it, or throws what it does not declare: the next file is read all the same.</summary>
    [Fact]
    public async Task Whatever_byte_of_a_file_is_damaged_it_is_still_looked_at()
    {
        new MmdbWriter().Add("203.0.113.0/24", "KR").Write(_file, Start);
        using var database = await StartAsync(new CountryOptions { DatabaseFile = _file, Deny = "KP" });
        var whole = File.ReadAllBytes(_file);

        for (var at = 1; at <= Math.Min(300, whole.Length); at++)
        {
            var damaged = whole.ToArray();
            damaged[^at] ^= 0xFF;
            File.WriteAllBytes(_file, damaged);
            // As many bytes as before, maybe within the grain of the time stamp.
            File.SetLastWriteTimeUtc(_file, Start.AddSeconds(at).UtcDateTime);
            await LookAsync(4302, 4303, 4304);
            database.CountryOf(IPAddress.Parse("203.0.113.1"));
            // Some fail for that address: the next look has something else to say.
            _log.Take();
        }
        Assert.False(database.ExecuteTask!.IsCompleted);
    }

    /// <summary>The file opens, and one country in it is none: that is unknown, the others are known, and it is said once of each file.</summary>
    [Fact]
    public async Task Where_a_file_is_broken_the_country_is_unknown_and_everywhere_else_it_is_known()
    {
        // The byte before KP says that a text of two bytes comes; now it says a map.
        new MmdbWriter()
            .Add("203.0.113.0/24", "KR")
            .Add("198.51.100.0/24", "KP")
            .Write(_file, Start);
        var bytes = File.ReadAllBytes(_file);
        bytes[bytes.AsSpan().IndexOf("BKP"u8)] = 0xE2;
        File.WriteAllBytes(_file, bytes);
        using var database = await StartAsync(new CountryOptions { DatabaseFile = _file, Deny = "KP" });

        Assert.Null(database.CountryOf(IPAddress.Parse("198.51.100.1")));
        Assert.Null(database.CountryOf(IPAddress.Parse("198.51.100.2")));
        Assert.Equal("KR", database.CountryOf(IPAddress.Parse("203.0.113.1")));
        var line = Assert.Single(_log.Take());
        Assert.Equal((4305, LogLevel.Error), (line.Id, line.Level));

        File.SetLastWriteTimeUtc(_file, Start.AddDays(1).UtcDateTime);
        await LookAsync(4304);
        Assert.Null(database.CountryOf(IPAddress.Parse("198.51.100.1")));
        Assert.Equal(4305, Assert.Single(_log.Take()).Id);
    }

    [Theory]
    [InlineData("KP", "", "let in")]
    [InlineData("", "KR", "refused")]
    public async Task A_missing_file_is_an_error_each_day_until_it_comes(string deny, string allow, string fate)
    {
        using var database = await StartAsync(
            new CountryOptions
            {
                DatabaseFile = _file,
                Deny = deny,
                Allow = allow,
            }
        );
        var line = Assert.Single(_log.Take());
        Assert.Equal((4301, LogLevel.Error), (line.Id, line.Level));
        Assert.Contains(fate, line.Text);
        Assert.Null(database.CountryOf(IPAddress.Parse("203.0.113.1")));

        _time.Advance(TimeSpan.FromHours(23));
        Assert.Empty(_log.Take());
        _time.Advance(TimeSpan.FromHours(2));
        await LookAsync(4301);

        new MmdbWriter().Add("203.0.113.0/24", "KR").Write(_file, _time.GetUtcNow());
        await LookAsync(4304);
        Assert.Equal("KR", database.CountryOf(IPAddress.Parse("203.0.113.1")));
    }

    [Theory]
    [InlineData(44, false)]
    [InlineData(46, true)]
    public async Task An_old_database_is_reported(int days, bool reported)
    {
        new MmdbWriter().Add("203.0.113.0/24", "KR").Write(_file, Start.AddDays(-days));

        using var database = await StartAsync(new CountryOptions { DatabaseFile = _file, Deny = "KP" });

        Assert.Equal(reported ? [4303] : [], _log.Take().Select(line => line.Id));
    }

    /// <summary>Recent answers have fewer places than there are addresses.</summary>
    [Fact]
    public void Nobody_gets_the_country_of_another_who_was_there_before()
    {
        new MmdbWriter().Add("20.0.0.0/16", "KR").Add("30.0.0.0/16", "KP").Write(_file, Start);
        var lookup = CountryLookup.Open(_file);

        for (var i = 0; i < 5_000; i++)
        {
            Assert.Equal("KR", lookup.CountryOf(new IPAddress([20, 0, (byte)(i >> 8), (byte)i])));
            Assert.Equal("KP", lookup.CountryOf(new IPAddress([30, 0, (byte)(i >> 8), (byte)i])));
        }
    }

    [Fact]
    public void Asking_again_allocates_nothing()
    {
        var writer = new MmdbWriter();
        foreach (var i in Enumerable.Range(0, 250))
        {
            writer.Add($"20.{i}.0.0/16", "KR");
        }
        writer.Write(_file, Start);
        var lookup = CountryLookup.Open(_file);
        var address = IPAddress.Parse("20.7.7.7");
        lookup.CountryOf(address);

        var before = GC.GetAllocatedBytesForCurrentThread();
        lookup.CountryOf(address);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    private async Task<CountryDatabase> StartAsync(CountryOptions options)
    {
        var database = new CountryDatabase(Options.Create(options), _time, _log.Of<CountryDatabase>());
        await database.StartAsync(TestContext.Current.CancellationToken);
        return database;
    }

    /// <summary>Lets time pass until the database has something to say: it must be one of these.</summary>
    private async Task LookAsync(params int[] expected)
    {
        List<LogLine> lines = [];
        await Support.Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(5));
                lines.AddRange(_log.Take());
                return lines.Count > 0;
            },
            $"log line {string.Join(" or ", expected)}"
        );
        Assert.Contains(lines[0].Id, expected);
    }
}
