using System.Net;
using Microsoft.Extensions.Options;

namespace QuickPay.Edge.Countries;

/// <summary>
/// The IP-country database. Its file is looked at every five seconds; one that cannot be read leaves the old one in use, also when it is
/// deleted. It is held in memory and not mapped, so that a file that somebody writes over cannot pull it from under a request.
/// </summary>
public sealed class CountryDatabase : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RemindEvery = TimeSpan.FromDays(1);
    private readonly CountryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<CountryDatabase> _logger;
    private volatile CountryLookup? _lookup;
    private CountryLookup? _failed;
    private FileStamp _looked;
    private DateTimeOffset _reminded = DateTimeOffset.MinValue;
    private string _missing = "";

    public CountryDatabase(IOptions<CountryOptions> options, TimeProvider time, ILogger<CountryDatabase> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        if (_options.HasRules)
        {
            Look(isStart: true);
        }
    }

    /// <summary>The country's ISO code; null when the database does not know it, or is not there.</summary>
    public string? CountryOf(IPAddress address)
    {
        var lookup = _lookup;
        try
        {
            return lookup?.CountryOf(address);
        }
        catch (Exception e)
        {
            // A file may be broken in one place only. It is said once of each file.
            if (Interlocked.Exchange(ref _failed, lookup) != lookup)
            {
                CountryLog.Failed(_logger, _options.DatabaseFile, e.Message);
            }
            return null;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.HasRules)
        {
            return;
        }
        using var timer = new PeriodicTimer(LookEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look(isStart: false);
        }
    }

    private void Look(bool isStart)
    {
        var stamp = FileStamp.Of(_options.DatabaseFile);
        if (isStart || stamp != _looked)
        {
            _looked = stamp;
            TryLoad(isStart);
        }
        Remind();
    }

    private void TryLoad(bool isStart)
    {
        try
        {
            var lookup = CountryLookup.Open(_options.DatabaseFile);
            _lookup = lookup;
            _reminded = DateTimeOffset.MinValue;
            if (!isStart)
            {
                CountryLog.Reloaded(_logger, _options.DatabaseFile, lookup.Built);
            }
        }
        catch (Exception e)
        {
            // Whatever a broken file makes its reader throw: nothing of it may end the process.
            // Before there was any, the reminder says so.
            _missing = e.Message;
            if (_lookup is not null)
            {
                CountryLog.Unreadable(_logger, _options.DatabaseFile, e.Message);
            }
        }
    }

    private void Remind()
    {
        var now = _time.GetUtcNow();
        if (now - _reminded < RemindEvery)
        {
            return;
        }
        if (_lookup is not { } lookup)
        {
            CountryLog.Missing(_logger, _options.DatabaseFile, _options.LetsUnknownIn ? "let in" : "refused", _missing);
        }
        else if (now - lookup.Built > TimeSpan.FromDays(_options.OldAfterDays))
        {
            CountryLog.Old(_logger, _options.DatabaseFile, lookup.Built);
        }
        _reminded = now;
    }
}
