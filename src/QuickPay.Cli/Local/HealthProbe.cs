using System.Collections.Concurrent;
using QuickPay.Security;

namespace QuickPay.Cli.Local;

/// <summary>Asks a host whether it can serve.</summary>
internal static class HealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly ConcurrentDictionary<string, HttpClient> Clients = [];

    /// <summary>See <see cref="SaysYesAsync"/>.</summary>
    public static Task<bool> IsReadyAsync(string url, string rootCertificate, CancellationToken cancellationToken) =>
        SaysYesAsync($"{url}/health/ready", rootCertificate, cancellationToken);

    /// <summary>Whether a question is answered with success, in time.</summary>
    /// <param name="url">What is asked.</param>
    /// <param name="rootCertificate">The authority that its certificate must be from, if it answers in TLS.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public static async Task<bool> SaysYesAsync(string url, string rootCertificate, CancellationToken cancellationToken) =>
        await TryReadAsync(url, rootCertificate, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>What a question is answered with; null without success or in time.</summary>
    /// <inheritdoc cref="SaysYesAsync" path="/param" />
    public static async Task<string?> TryReadAsync(string url, string rootCertificate, CancellationToken cancellationToken)
    {
        try
        {
            var http = url.StartsWith("https:", StringComparison.Ordinal) ? Clients.GetOrAdd(rootCertificate, Believing) : Plain;
            using var answer = await http.GetAsync(new Uri(url), cancellationToken).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null; // our own timeout
        }
    }

    /// <summary>Closes what is kept open to those who were asked under this authority: they have stopped.</summary>
    public static void Forget(string rootCertificate)
    {
        if (Clients.TryRemove(rootCertificate, out var client))
            client.Dispose();
    }

    private static readonly HttpClient Plain = new() { Timeout = Patience };

    private static HttpClient Believing(string rootCertificate)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = PrivateAuthority.Only(rootCertificate);
        return new HttpClient(handler) { Timeout = Patience };
    }
}
