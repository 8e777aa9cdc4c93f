using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using QuickPay.Cli.Local;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>The certificate is replaced while members are connected, and nobody notices.</summary>
public sealed class CertificateTests(ITestOutputHelper output)
{
    private static readonly TimeSpan SeenWithin = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task New_connections_see_a_new_certificate_within_three_seconds(bool rsa)
    {
        await using var edge = await EdgeUnderTest.StartAsync([]);
        using var replaced = TestCertificate.Replace(edge, rsa);

        Assert.InRange(await TimeToSeeAsync(edge, replaced), TimeSpan.Zero, SeenWithin);
    }

    [Fact]
    public async Task The_certificates_between_are_shown_too()
    {
        await using var edge = await EdgeUnderTest.StartAsync([]);
        using var root = TestCertificate.ReplaceByChain(edge);

        // The client has the root alone.
        await Eventually.IsTrueAsync(
            async () =>
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", edge.Https.Port, TestContext.Current.CancellationToken);
                await using var stream = new SslStream(client.GetStream());
                try
                {
                    await stream.AuthenticateAsClientAsync(
                        new SslClientAuthenticationOptions
                        {
                            TargetHost = "localhost",
                            CertificateChainPolicy = Certificates.TrustOnly(root),
                        },
                        TestContext.Current.CancellationToken
                    );
                    return true;
                }
                catch (AuthenticationException)
                {
                    return false;
                }
            },
            "a chain up to the new root"
        );
    }

    [Fact]
    public async Task A_pair_that_does_not_fit_is_not_used_until_it_does()
    {
        await using var edge = await EdgeUnderTest.StartAsync([]);
        var (certificate, key) = (File.ReadAllText(edge.CertificateFile), File.ReadAllText(edge.CertificateKeyFile));
        using var next = TestCertificate.Replace(edge);
        var nextKey = File.ReadAllText(edge.CertificateKeyFile);
        await TimeToSeeAsync(edge, next);

        // The key first, and half of it: whatever is on the disk in between, handshakes succeed.
        TestCertificate.Move(key[..(key.Length / 2)], edge.CertificateKeyFile);
        await StaysAsync(edge, next);
        TestCertificate.Move(key, edge.CertificateKeyFile);
        await StaysAsync(edge, next);
        TestCertificate.Move(certificate, edge.CertificateFile);
        using var first = X509Certificate2.CreateFromPem(certificate);
        await TimeToSeeAsync(edge, first);
        Assert.NotEqual(key, nextKey);
    }

    [Fact]
    public async Task A_certificate_swapped_under_load_drops_no_connection()
    {
        await using var server = await FakeServer.StartAsync();
        // One of the clients connects anew for each request.
        await using var edge = await EdgeUnderTest.StartAsync([server], ("Connections:NewPerSecondPerAddress", "10000"));
        using var stop = new CancellationTokenSource();
        using var one = edge.Client();
        using var two = edge.Client(version: HttpVersion.Version20);
        await using var standing = await RawConnection.OpenAsync(edge);
        List<Task<int>> load =
        [
            AskAsync(one, stop.Token),
            AskAsync(two, stop.Token),
            StayAsync(standing, stop.Token),
            ConnectAsync(edge, stop.Token),
        ];

        List<TimeSpan> seen = [];
        for (var swap = 0; swap < 4; swap++)
        {
            using var replaced = TestCertificate.Replace(edge, rsa: swap % 2 == 0);
            seen.Add(await TimeToSeeAsync(edge, replaced));
        }
        await stop.CancelAsync();
        var counts = await Task.WhenAll(load);

        Assert.All(seen, time => Assert.InRange(time, TimeSpan.Zero, SeenWithin));
        Assert.All(counts, count => Assert.True(count > 10, $"Only {count} requests: that was no load."));
        output.WriteLine(
            $"requests {string.Join(", ", counts)}; seen after {string.Join(", ", seen.Select(t => $"{t.TotalMilliseconds:N0} ms"))}"
        );
    }

    private static async Task<int> AskAsync(HttpClient client, CancellationToken stop)
    {
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            using var answer = await client.GetAsync("/v1/accounts", TestContext.Current.CancellationToken);
            // More than a thousand a second is too many for one address; that is an answer too.
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{answer.StatusCode}");
            count++;
        }
        return count;
    }

    /// <summary>One connection that stood before the first swap: HTTP clients would quietly open another.</summary>
    private static async Task<int> StayAsync(RawConnection connection, CancellationToken stop)
    {
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            var answer = await connection.AskAsync("GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.True(answer?.Status is 200 or 429, $"{answer?.Status}");
            count++;
        }
        return count;
    }

    private static async Task<int> ConnectAsync(EdgeUnderTest edge, CancellationToken stop)
    {
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            await using var connection = await RawConnection.OpenAsync(edge);
            var answer = await connection.AskAsync("GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.True(answer?.Status is 200 or 429, $"{answer?.Status}");
            count++;
        }
        return count;
    }

    private static async Task<TimeSpan> TimeToSeeAsync(EdgeUnderTest edge, X509Certificate2 expected)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Eventually.IsTrueAsync(async () => await ThumbprintAsync(edge) == expected.Thumbprint, "the new certificate is shown");
        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>For longer than the edge takes to look.</summary>
    private static async Task StaysAsync(EdgeUnderTest edge, X509Certificate2 expected)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < 15; i++)
        {
            Assert.Equal(expected.Thumbprint, await ThumbprintAsync(edge));
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string> ThumbprintAsync(EdgeUnderTest edge)
    {
        await using var stream = await edge.ConnectAsync();
        return stream.RemoteCertificate!.GetCertHashString();
    }
}
