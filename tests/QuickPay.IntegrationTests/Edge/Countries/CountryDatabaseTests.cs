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

    /// <summary>Each cut breaks the reader in a way of its own, some in ways that it does not declare.</summary>
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

    /// <summary>Lets time pass until the database has something to say: it must be this.</summary>
    private async Task LookAsync(int expected)
    {
        List<LogLine> lines = [];
        await Support.Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(5));
                lines.AddRange(_log.Take());
                return lines.Count > 0;
            },
            $"log line {expected}"
        );
        Assert.Equal(expected, lines[0].Id);
    }
}
