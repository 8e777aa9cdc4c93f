using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;
using QuickPay.Postgres;
using QuickPay.Tests.Support;

namespace QuickPay.IntegrationTests.Postgres;

/// <summary>
/// The finder between two real servers, each behind a proxy that can refuse and freeze. Its time is the test's: how many looks it takes is what
/// counts, and one is every half second.
/// </summary>
public sealed class PrimaryFinderTests(PrimaryAndStandby pair) : IClassFixture<PrimaryAndStandby>, IAsyncLifetime
{
    private const string Asked =
        "SELECT coalesce(max(query_start)::text, '') FROM pg_stat_activity WHERE application_name = 'quickpay finder'";

    private const int FoundId = 1030;
    private const int NotSoughtId = 1031;
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(500);

    private readonly FakeTimeProvider _time = new();
    private readonly RecordedLog _log = new();
    private readonly List<NpgsqlDataSource> _hosts = [];
    private PgProxy _seoul = null!;
    private PgProxy _busan = null!;
    private NpgsqlMultiHostDataSource _pool = null!;
    private PrimaryFinder? _finder;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (!await AskAsync<bool>(pair.Standby, "SELECT pg_is_in_recovery()"))
        {
            await pair.StandByAsync();
        }
        _seoul = PgProxy.Start(pair.Servers, Ports.FreeFrom(null));
        _busan = PgProxy.Start(pair.Servers, Ports.FreeFrom(null), pair.Standby);
        _pool = OpenPool($"{_seoul.Address},{_busan.Address}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_finder is { } finder)
        {
            await finder.StopAsync(CancellationToken.None);
            finder.Dispose();
        }
        await _pool.DisposeAsync();
        await _seoul.DisposeAsync();
        await _busan.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // Its own connection went another way, and lives: it has to ask the pool.
    public async Task A_pool_that_has_given_its_primary_up_has_it_again_one_look_after_it_answers(bool finderLostItToo)
    {
        await StartAsync(throughProxies: finderLostItToo);
        var port = _seoul.Port;
        await Eventually.IsTrueAsync(
            async () =>
            {
                await _seoul.DisposeAsync();
                await Eventually.IsTrueAsync(HasGivenUpAsync, "the pool has given its primary up");
                _seoul = PgProxy.Start(pair.Servers, port);
                // A look that was under way may still have told it.
                return await HasGivenUpAsync();
            },
            "by itself the pool finds nothing"
        );

        _time.Advance(AskEvery);

        await Eventually.IsTrueAsync(async () => !await HasGivenUpAsync(), "the pool has its primary again");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_switch_the_pool_is_pointed_to_the_new_primary(bool oldOneVanished)
    {
        await StartAsync(throughProxies: true);
        await LookedThroughAsync(pair.Servers.Postgres);
        await (await _pool.OpenConnectionAsync(TargetSessionAttributes.Standby, Cancellation)).DisposeAsync();
        // What the pool remembers is wrong from here on.
        if (oldOneVanished)
        {
            _seoul.CutNetwork();
        }
        else
        {
            await _seoul.DisposeAsync();
        }
        await AskAsync<bool>(pair.Standby, "SELECT pg_promote()");

        _time.Advance(AskEvery);

        await Eventually.IsTrueAsync(async () => await PrimaryOfPoolAsync() == _busan.Port, "the pool leads to the new primary");
        Assert.True(Found(_busan.Address));
    }

    /// <summary>
    /// The driver has only words for a pool of which every connection is in use. If it ever chooses others, the finder takes such a pool for one
    /// that has lost its primary, and has it ask every host anew, each half second, just when there is most to do.
    /// </summary>
    [Fact]
    public async Task A_pool_that_is_merely_busy_is_left_alone()
    {
        await using var pool = OpenPool($"{_busan.Address},{_seoul.Address}", connectionsMax: 1);
        await StartAsync(throughProxies: false, pool);
        await LookedThroughAsync(pair.Servers.Postgres);
        // Asked again what it is, the standby would not answer.
        _busan.CutNetwork();
        await using (await pool.OpenConnectionAsync(TargetSessionAttributes.Primary, Cancellation))
        {
            await LookedThroughAsync(pair.Servers.Postgres);
        }

        await using var connection = await pool.OpenConnectionAsync(TargetSessionAttributes.Primary, Cancellation);
        Assert.Equal((_seoul.Port, 0), (connection.Port, _busan.Held));
    }

    [Theory]
    [InlineData("of all hosts")]
    [InlineData("of the primary")]
    [InlineData("of the pool")]
    public async Task It_ends_cleanly_in_the_middle_of_a_question_and_leaves_no_connection(string question)
    {
        switch (question)
        {
            case "of all hosts":
                Cut();
                await StartAsync(throughProxies: true, finds: false);
                break;
            case "of the primary":
                await StartAsync(throughProxies: true);
                Cut();
                _time.Advance(AskEvery);
                break;
            default:
                Cut();
                await StartAsync(throughProxies: false);
                break;
        }
        await Eventually.IsTrueAsync(() => _seoul.Held > 0, "a question is under way");

        await _finder!.StopAsync(Cancellation);

        await _finder.ExecuteTask!;
        Assert.DoesNotContain(_log.Lines, line => line.Id == NotSoughtId || line.Level >= LogLevel.Error);
        foreach (var host in _hosts)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await host.OpenConnectionAsync(Cancellation));
        }
        _seoul.Thaw();
        _busan.Thaw();
        foreach (var server in (PostgresServer[])[pair.Servers.Postgres, pair.Standby])
        {
            await Eventually.IsTrueAsync(async () => await AskAsync<string>(server, Asked) == "", "its sessions have ended");
        }

        void Cut()
        {
            _seoul.CutNetwork();
            _busan.CutNetwork();
        }
    }

    [Fact]
    public async Task What_goes_wrong_while_it_stops_is_no_failure_of_the_host()
    {
        // The pool goes away in the middle of a look, at the same time as the finder is told to stop.
        var stopping = Task.CompletedTask;
        var logger = new Interrupting(() =>
        {
            stopping = _finder!.StopAsync(CancellationToken.None);
            _pool.Dispose();
        });

        await StartAsync(throughProxies: false, finds: false, logger: logger);
        await logger.Interrupted;
        await stopping;

        await _finder!.ExecuteTask!;
        Assert.DoesNotContain(_log.Lines, line => line.Id == NotSoughtId);
    }

    private async Task StartAsync(
        bool throughProxies,
        NpgsqlMultiHostDataSource? pool = null,
        bool finds = true,
        ILogger<PrimaryFinder>? logger = null
    )
    {
        string[] addresses = throughProxies ? [_seoul.Address, _busan.Address] : [pair.Servers.Postgres.Address, pair.Standby.Address];
        foreach (var host in DataSources.ForAsking(Options(string.Join(',', addresses))))
        {
            await using (host)
            {
                _hosts.Add(NpgsqlDataSource.Create(ThroughProxy(host)));
            }
        }
        _finder = new PrimaryFinder([pool ?? _pool], _hosts, _time, logger ?? _log.Of<PrimaryFinder>());
        await _finder.StartAsync(Cancellation);
        if (finds)
        {
            await Eventually.IsTrueAsync(() => Found(addresses[0]), "the primary is found");
        }
    }

    private bool Found(string address) =>
        _log.Lines.Any(line => line.Id == FoundId && line.Text.Contains(address, StringComparison.Ordinal));

    /// <summary>A look that began after this was called has ended: the one after it has begun.</summary>
    private async Task LookedThroughAsync(PostgresServer primary)
    {
        for (var look = 0; look < 2; look++)
        {
            var asked = await AskAsync<string>(primary, Asked);
            _time.Advance(AskEvery);
            await Eventually.IsTrueAsync(async () => await AskAsync<string>(primary, Asked) != asked, "it looks again");
        }
    }

    private async Task<bool> HasGivenUpAsync() => await PrimaryOfPoolAsync() is null;

    /// <summary>The port to which the pool leads; null if it says that there is no primary.</summary>
    private async Task<int?> PrimaryOfPoolAsync()
    {
        NpgsqlConnection connection;
        try
        {
            connection = await _pool.OpenConnectionAsync(TargetSessionAttributes.Primary, Cancellation);
        }
        catch (NpgsqlException)
        {
            return null;
        }
        await using (connection)
        {
            try
            {
                await connection.AskAsync<bool>("SELECT true");
            }
            catch (NpgsqlException)
            {
                // One that lay in the pool and is broken, which the pool knows now.
            }
            return connection.Port;
        }
    }

    private NpgsqlMultiHostDataSource OpenPool(string hosts, int connectionsMax = 4)
    {
        using var made = DataSources.ForReading(Options(hosts), connectionsMax);
        return new NpgsqlDataSourceBuilder(ThroughProxy(made)).BuildMultiHost();
    }

    private string ThroughProxy(NpgsqlDataSource made)
    {
        var settings = new NpgsqlConnectionStringBuilder(made.ConnectionString) { Password = Options("").Password };
        PgProxy.AllowMiddleman(settings);
        return settings.ConnectionString;
    }

    private PostgresOptions Options(string hosts)
    {
        var api = pair.Servers.Postgres.Connection(PostgresRoles.Api);
        return new PostgresOptions
        {
            Hosts = hosts,
            Database = api.Database,
            Username = api.Username,
            Password = api.Password,
            RootCertificate = api.RootCertificate,
        };
    }

    private static async Task<T> AskAsync<T>(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.SuperuserConnectionString());
        await connection.OpenAsync(Cancellation);
        return await connection.AskAsync<T>(sql);
    }

    /// <summary>Does something, once, when the primary is found.</summary>
    private sealed class Interrupting(Action interrupt) : ILogger<PrimaryFinder>
    {
        private readonly TaskCompletionSource _interrupted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Interrupted => _interrupted.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel level,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (eventId.Id == FoundId)
            {
                interrupt();
                _interrupted.SetResult();
            }
        }
    }
}
