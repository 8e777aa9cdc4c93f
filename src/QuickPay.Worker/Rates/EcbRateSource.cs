using System.Net;
using System.Net.Http.Headers;
using QuickPay.Rates;

namespace QuickPay.Worker.Rates;

/// <summary>The daily feed of the European Central Bank. One answer counts: 200 from the very address, whole within its time and size.</summary>
internal sealed class EcbRateSource(RateOptions options) : IRateSource, IDisposable
{
    private readonly HttpClient _http = NewClient(options);

    public string Name => "ecb";

    public async Task<DailyRates> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(options.Url), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK
                ? EcbXml.Read(await answer.Content.ReadAsByteArrayAsync(cancellationToken))
                : throw new RatesRefusedException($"The source answers {(int)answer.StatusCode}.");
        }
        catch (HttpRequestException e)
        {
            throw new RatesRefusedException($"The source does not answer as it should: {e.GetBaseException().Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RatesRefusedException($"The source has not answered within {options.TimeoutMs} ms.", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient NewClient(RateOptions options)
    {
        var http = new HttpClient(
            // Once in ten minutes: a connection that waits for the next time would be an old one. No redirects: who may send us elsewhere?
            new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero }
        )
        {
            // Of the whole answer, since all of it is read into the buffer.
            Timeout = TimeSpan.FromMilliseconds(options.TimeoutMs),
            MaxResponseContentBufferSize = EcbXml.BytesMax,
        };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/xml"));
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/xml"));
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("QuickPay", null));
        return http;
    }
}
