using QuickPay.Rates;

namespace QuickPay.Worker.Rates;

/// <summary>A file in the form of the daily feed, for where there is no way outside. It is read anew at each look.</summary>
internal sealed class FileRateSource(RateOptions options) : IRateSource
{
    public string Name => "file";

    public async Task<DailyRates> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(options.File);
            if (file.Length > EcbXml.BytesMax)
            {
                throw new RatesRefusedException($"{options.File} is larger than a day's rates.");
            }
            var xml = new byte[file.Length];
            await file.ReadExactlyAsync(xml, cancellationToken);
            return EcbXml.Read(xml);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RatesRefusedException($"{options.File} cannot be read: {e.Message}", e);
        }
    }
}
