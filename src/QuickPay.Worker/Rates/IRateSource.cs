using QuickPay.Rates;

namespace QuickPay.Worker.Rates;

/// <summary>Somebody who publishes exchange rates, once a day.</summary>
internal interface IRateSource
{
    /// <summary>What members are told; lower-case letters.</summary>
    string Name { get; }

    /// <summary>What it says now; nobody has checked it yet but for its form.</summary>
    /// <exception cref="RatesRefusedException">It does not answer, or with something that is not a day's rates.</exception>
    Task<DailyRates> FetchAsync(CancellationToken cancellationToken);
}
