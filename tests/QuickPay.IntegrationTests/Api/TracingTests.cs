using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Api;

/// <summary>What an API server tells a collector of the requests that it traces; the collector is ours, and keeps what it is sent.</summary>
public sealed class TracingTests(TestServers servers)
{
    private const string NotRecorded = "00";
    private const string Recorded = "01";

    [Fact]
    public async Task A_request_and_its_statements_are_one_trace_by_the_id_that_problems_name_and_nothing_in_it_is_of_a_member()
    {
        await using var collector = new Collector();
        await using var database = await servers.CreateDatabaseAsync();
        await using var bank = ApiBank.Open(database, ("Tracing:Endpoint", collector.Url), ("Tracing:SampleRatio", "1"));
        var (kim, lee) = (await bank.JoinAsync(funds: 50_000), await bank.JoinAsync());
        (await kim.SendsAsync(7_000, to: lee)).ShouldBe(201);
        var trace = ActivityTraceId.CreateRandom();

        var answer = await AskAsync(bank, kim, $"/v1/accounts/{kim.AccountId}/nothing?phone={lee.Phone}", trace, NotRecorded);
        var read = await AskAsync(bank, kim, "/v1/members/me", trace, NotRecorded);

        answer.ShouldBeProblem(404, "not_found");
        read.ShouldBe(200);
        Assert.Equal(trace.ToHexString(), answer["traceId"].GetString());
        await Eventually.IsTrueAsync(
            () => Task.FromResult(collector.CountOf(Bytes(trace)) >= 3 && collector.Has("/v1/members/me")),
            "both requests and a statement have come under one id"
        );
        Assert.True(collector.Has("quickpay-api"));
        Assert.True(collector.Has("SELECT"));
        foreach (var member in new[] { kim, lee })
        {
            foreach (var of in new[] { member.Phone, member.AccountId.ToString(), member.AccessToken, ApiMember.Password })
            {
                Assert.False(collector.Has(of), $"a trace has {of}");
            }
        }
        await bank.ShouldBalanceAsync();
    }

    /// <summary>Else strangers could have everything recorded, at our cost.</summary>
    [Fact]
    public async Task Whoever_says_that_theirs_is_recorded_is_not_heard_and_probes_are_not_traced()
    {
        await using var collector = new Collector();
        await using var database = await servers.CreateDatabaseAsync();
        var trace = ActivityTraceId.CreateRandom();
        await using (var bank = ApiBank.Open(database, ("Tracing:Endpoint", collector.Url), ("Tracing:SampleRatio", "0")))
        {
            var kim = await bank.JoinAsync();
            (await AskAsync(bank, kim, "/v1/members/me", trace, Recorded)).ShouldBe(200);
        }
        // What waited has been handed over with its end.
        Assert.Equal(0, collector.CountOf(Bytes(trace)));

        await using (var bank = ApiBank.Open(database, ("Tracing:Endpoint", collector.Url), ("Tracing:SampleRatio", "1")))
        {
            (await bank.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/health/ready"))).ShouldBe(200);
        }
        Assert.False(collector.Has("/health"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_collector_that_hangs_or_is_not_there_holds_up_nobody(bool hangs)
    {
        await using var collector = new Collector(hangs);
        var url = hangs ? collector.Url : "http://127.0.0.1:9";
        await using var database = await servers.CreateDatabaseAsync();
        var bank = ApiBank.Open(database, ("Tracing:Endpoint", url), ("Tracing:SampleRatio", "1"));
        var (kim, lee) = (await bank.JoinAsync(funds: 50_000), await bank.JoinAsync());

        for (var i = 0; i < 20; i++)
        {
            (await kim.SendsAsync(100, to: lee)).ShouldBe(201);
        }

        await bank.ShouldBalanceAsync();
        var end = Stopwatch.StartNew();
        await bank.DisposeAsync();
        Assert.InRange(end.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("Tracing:Endpoint", "collector")]
    [InlineData("Tracing:Endpoint", "ftp://127.0.0.1")]
    [InlineData("Tracing:SampleRatio", "1.5")]
    public async Task What_cannot_be_is_told_at_the_start(string setting, string value)
    {
        await using var database = await servers.CreateDatabaseAsync();

        var refused = Assert.Throws<OptionsValidationException>(() =>
            ApiBank.Open(database, ("Tracing:Endpoint", "http://127.0.0.1:4318"), (setting, value))
        );

        Assert.Contains(setting.Split(':')[^1], refused.Message, StringComparison.Ordinal);
    }

    private static Task<ApiAnswer> AskAsync(ApiBank bank, ApiMember member, string path, ActivityTraceId trace, string flags)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", member.AccessToken);
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-{flags}");
        return bank.SendAsync(request);
    }

    private static byte[] Bytes(ActivityTraceId trace)
    {
        var bytes = new byte[16];
        trace.CopyTo(bytes);
        return bytes;
    }

    /// <summary>Takes what OTLP sends by HTTP, and says that it has it; or never answers.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly ConcurrentQueue<byte[]> _taken = new();
        private readonly CancellationTokenSource _end = new();
        private readonly Task _work;

        public Collector(bool hangs = false)
        {
            Url = $"http://127.0.0.1:{QuickPay.Cli.Local.Ports.FreeFrom(null)}";
            _listener.Prefixes.Add($"{Url}/v1/traces/");
            _listener.Start();
            _work = TakeAsync(hangs);
        }

        public string Url { get; }

        public bool Has(string text) => CountOf(Encoding.UTF8.GetBytes(text)) > 0;

        public int CountOf(byte[] what) => _taken.Sum(one => Count(one, what));

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            _listener.Stop();
            await _work;
            _listener.Close();
            _end.Dispose();
        }

        private static int Count(ReadOnlySpan<byte> inside, ReadOnlySpan<byte> what)
        {
            var count = 0;
            for (int at; (at = inside.IndexOf(what)) >= 0; inside = inside[(at + what.Length)..])
            {
                count++;
            }
            return count;
        }

        private async Task TakeAsync(bool hangs)
        {
            while (!_end.IsCancellationRequested)
            {
                HttpListenerContext call;
                try
                {
                    call = await _listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
                if (hangs)
                {
                    continue;
                }
                using var body = new MemoryStream();
                await call.Request.InputStream.CopyToAsync(body);
                _taken.Enqueue(body.ToArray());
                call.Response.ContentType = "application/x-protobuf";
                call.Response.Close();
            }
        }
    }
}
