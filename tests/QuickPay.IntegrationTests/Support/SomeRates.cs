using Npgsql;
using QuickPay.Rates;

namespace QuickPay.IntegrationTests.Support;

/// <summary>Exchange rates as a worker would have found them.</summary>
internal static class SomeRates
{
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(21);

    /// <summary>One euro in a few currencies.</summary>
    public static readonly IReadOnlyDictionary<string, decimal> Rates = new Dictionary<string, decimal>
    {
        ["JPY"] = 180m,
        ["KRW"] = 1708.20m,
        ["USD"] = 1.16m,
    };

    /// <summary>Those of a day, by default the day before this one.</summary>
    public static DailyRates Of(DateOnly? day = null) => new(day ?? Yesterday(), "EUR", Rates);

    public static DateOnly Yesterday() => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-1);

    /// <summary>With the worker's role.</summary>
    public static async Task PublishAsync(TestDatabase database, DailyRates? day = null, string source = "file")
    {
        await using var worker = NpgsqlDataSource.Create(database.Worker.ConnectionString);
        await new RateStore(worker).KeepAsync(source, day ?? Of(), FreshFor, TestContext.Current.CancellationToken);
    }

    /// <summary>As if the last good look had been so long ago.</summary>
    public static Task PassAsync(TestDatabase database, TimeSpan time) =>
        database.DoAsync(
            $"UPDATE exchange_rates SET fetched_at = fetched_at - interval '{time}', fresh_until = fresh_until - interval '{time}'"
        );
}
