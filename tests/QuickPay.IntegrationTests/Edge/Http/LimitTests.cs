using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using QuickPay.Edge.Http;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>Each limit has its status, and who is over it costs others nothing.</summary>
public sealed class LimitTests
{
    private const string Get = "GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\n";
    private const string Post = "POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    public static readonly TheoryData<string, int, string> TooMuch = new()
    {
        { "a long target", 414, $"GET /v1/{new string('a', 9_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { "a long query", 414, $"GET /v1/accounts?{new string('a', 9_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n" },
        { "a long header", 431, $"{Get}X-A: {new string('a', EdgeHttp.HeaderBytesMax)}\r\n\r\n" },
        { "many headers", 431, $"{Get}{string.Concat(Enumerable.Repeat("X-A: b\r\n", EdgeHttp.HeadersMax))}\r\n" },
        { "a long body", 413, $"{Post}Content-Length: 16385\r\n\r\n" },
        { "a long body, asked for first", 413, $"{Post}Content-Length: 16385\r\nExpect: 100-continue\r\n\r\n" },
        { "long chunks", 413, $"{Post}Transfer-Encoding: chunked\r\n\r\n5000\r\n{new string('1', 0x5000)}\r\n0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(TooMuch))]
    public async Task What_is_too_much_is_said(string what, int status, string request)
    {
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        await using var connection = await RawConnection.OpenAsync(edge);

        var answer = await connection.AskAsync(request);

        Assert.True(status == answer?.Status, $"{what}: {answer?.Head}");
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task The_largest_body_passes()
    {
        await using var server = await FakeServer.StartAsync(context => context.Response.WriteAsync($"{context.Request.ContentLength}"));
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        await using var connection = await RawConnection.OpenAsync(edge);

        var answer = await connection.AskAsync(
            $"{Post}Transfer-Encoding: chunked\r\n\r\n4000\r\n{{}}{new string(' ', 0x4000 - 2)}\r\n0\r\n\r\n"
        );

        Assert.Equal("16384", answer?.Body);
    }

    /// <summary>50 and 16 KiB are what the API takes, with all that the edge has added.</summary>
    [Fact]
    public async Task The_most_headers_that_pass_are_not_too_many_for_the_API()
    {
        var (count, bytes) = (0, 0);
        await using var server = await FakeServer.StartAsync(context =>
        {
            count = context.Request.Headers.Sum(header => header.Value.Count);
            bytes = context.Request.Headers.Sum(header => header.Value.Sum(value => header.Key.Length + value!.Length + ": \r\n".Length));
            return Task.CompletedTask;
        });
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        await using var connection = await RawConnection.OpenAsync(edge);
        // One header of the most there may be is Host.
        var many = string.Concat(Enumerable.Range(0, EdgeHttp.HeadersMax - 1).Select(i => $"X-{i}: {new string('a', 295)}\r\n"));

        var answer = await connection.AskAsync($"{Get}{many}\r\n");

        Assert.Equal(200, answer?.Status);
        Assert.InRange(count, EdgeHttp.HeadersMax, 50);
        Assert.InRange(bytes, EdgeHttp.HeaderBytesMax - 600, 16 * 1024);
    }

    [Fact]
    public async Task A_client_that_asks_first_is_told_to_go_on()
    {
        await using var server = new RecordingServer();
        await using var edge = await EdgeUnderTest.StartAsync([], server.Setting);
        await using var connection = await RawConnection.OpenAsync(edge);

        await connection.SendAsync($"{Post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        var interim = await connection.ReadAsync(interim: true);
        var answer = await connection.AskAsync("{}");

        Assert.Equal((100, 200), (interim?.Status, answer?.Status));
        RecordedEdge.ShouldBeWellFormed(Assert.Single(server.Requests));
    }

    [Theory]
    [InlineData("GET /v1/acc", null)]
    [InlineData(Get, null)]
    [InlineData($"{Post}Content-Length: 10\r\n\r\n{{", "request_timeout")]
    [InlineData($"{Post}Transfer-Encoding: chunked\r\n\r\n2\r\n{{", "request_timeout")]
    public async Task What_does_not_come_in_time_is_cut_with_408(string begun, string? code)
    {
        await using var edge = await EdgeUnderTest.StartAsync(
            [],
            ("Connections:HeadersTimeoutMs", "500"),
            ("Connections:BodyTimeoutMs", "500"),
            // A body that stands still is slow, too, and that has the same answer.
            ("Connections:SlowForMs", "60000")
        );
        await using var connection = await RawConnection.OpenAsync(edge);

        var answer = await connection.AskAsync(begun);

        Assert.Equal(408, answer?.Status);
        // As long as there are no headers there is no request that a problem could be about.
        Assert.Equal(code, answer?.Body is { Length: > 0 } body ? (string?)JsonNode.Parse(body)?["code"] : null);
        Assert.True(await connection.EndsAsync());
    }

    [Fact]
    public async Task A_body_in_drops_is_cut_by_its_rate()
    {
        await using var edge = await EdgeUnderTest.StartAsync(
            [],
            ("Connections:SlowForMs", "1001"),
            ("Connections:BodyTimeoutMs", "60000")
        );
        await using var connection = await RawConnection.OpenAsync(edge);
        // Unless it is cut it is whole after ten seconds, long before its own deadline, and has another answer.
        await connection.SendAsync($"{Post}Content-Length: 100\r\n\r\n");
        var answer = connection.ReadAsync();

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!answer.IsCompleted && await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            await connection.AskNothingAsync("1");
        }

        Assert.Equal(408, (await answer)?.Status);
    }

    [Theory]
    [InlineData("Connections:HandshakeTimeoutMs", "500", false)]
    [InlineData("Connections:IdleMs", "1000", true)]
    public async Task A_connection_on_which_nothing_happens_ends(string setting, string value, bool withTls)
    {
        await using var edge = await EdgeUnderTest.StartAsync([], (setting, value));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", edge.Https.Port, TestContext.Current.CancellationToken);
        await using var connection = withTls ? await RawConnection.OpenAsync(edge) : new RawConnection(client.GetStream());

        Assert.True(await connection.EndsAsync());
    }

    [Fact]
    public async Task Who_does_not_read_the_answer_is_cut_and_the_server_set_free()
    {
        var free = new TaskCompletionSource();
        await using var server = await FakeServer.StartAsync(async context =>
        {
            context.RequestAborted.Register(free.SetResult);
            var megabyte = new byte[1 << 20];
            for (var i = 0; i < 64; i++)
            {
                await context.Response.Body.WriteAsync(megabyte, context.RequestAborted);
            }
        });
        await using var edge = await EdgeUnderTest.StartAsync(
            [server],
            // Without it the balancer's own deadline would end the exchange.
            ("Balancing:AnswerTimeoutMs", "120000"),
            ("Connections:SlowForMs", "1001"),
            ("Connections:AnswerBytesPerSecondMin", "1000000")
        );
        await using var connection = await RawConnection.OpenAsync(edge);

        await connection.SendAsync("GET /docs/scalar.js HTTP/1.1\r\nHost: localhost\r\n\r\n");

        await free.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("Connections:PerAddressMax", "127.0.0.2", false)]
    [InlineData("Connections:PerAddressMax", "127.0.0.3", true)]
    [InlineData("Connections:Max", "127.0.0.3", false)]
    public async Task More_connections_than_may_be_are_closed_until_one_ends(string limit, string from, bool served)
    {
        await using var edge = await EdgeUnderTest.StartAsync([], (limit, "3"));
        var others = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => OpenAsync(edge, "127.0.0.2")));

        Assert.Equal(served, await IsServedAsync(edge, from));

        await others[0].DisposeAsync();
        await Eventually.IsTrueAsync(() => IsServedAsync(edge, from), "a place is free again");
        await others[1].DisposeAsync();
        await others[2].DisposeAsync();
    }

    [Fact]
    public async Task A_trusted_proxy_may_have_many_connections()
    {
        await using var edge = await EdgeUnderTest.StartAsync(
            [],
            ("Connections:PerAddressMax", "1"),
            ("Edge:TrustedProxies", "127.0.0.2/32")
        );
        await using var one = await OpenAsync(edge, "127.0.0.2");

        Assert.True(await IsServedAsync(edge, "127.0.0.2"));
    }

    /// <summary>What slowhttptest does, in small: headers, bodies and readers that never end, all the edge takes from one address.</summary>
    [Fact]
    public async Task Slow_clients_do_not_keep_others_waiting_and_are_cut()
    {
        const int Slow = 120;
        await using var server = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync(
            [server],
            ("Connections:PerAddressMax", "100"),
            ("Connections:HeadersTimeoutMs", "3000"),
            ("Connections:BodyTimeoutMs", "3000"),
            ("Connections:IdleMs", "3000")
        );
        string[] begun = ["GET /v1/acc", $"{Get}X-A: ", $"{Post}Content-Length: 1000\r\n\r\n{{", $"{Get}\r\n"];
        var attack = await Task.WhenAll(Enumerable.Range(0, Slow).Select(i => TryBeginAsync(edge, begun[i % begun.Length])));

        using var member = edge.Client(IPAddress.Parse("127.0.0.3"));
        for (var i = 0; i < 20; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            using var answer = await member.GetAsync("/v1/accounts", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds, 0, 2_000);
        }
        Assert.Equal(100, attack.Count(connection => connection is not null));
        Assert.All(await Task.WhenAll(attack.OfType<RawConnection>().Select(connection => connection.EndsAsync())), Assert.True);
    }

    [Theory]
    [InlineData(SslProtocols.Tls13, false, true)]
    [InlineData(SslProtocols.Tls12, false, false)]
    [InlineData(SslProtocols.Tls12, true, true)]
    [InlineData(SslProtocols.Tls13, true, true)]
    public async Task TLS_is_1_3_unless_1_2_is_allowed(SslProtocols protocol, bool allowed, bool served)
    {
        await using var edge = await EdgeUnderTest.StartAsync([], ("Edge:AllowTls12", $"{allowed}"));

        if (served)
        {
            await using var stream = await edge.ConnectAsync(protocol);
            Assert.Equal(protocol, stream.SslProtocol);
        }
        else
        {
            await Assert.ThrowsAsync<AuthenticationException>(() => edge.ConnectAsync(protocol));
        }
    }

    private static async Task<RawConnection> OpenAsync(EdgeUnderTest edge, string from) =>
        new(await edge.ConnectAsync(from: IPAddress.Parse(from)));

    private static async Task<bool> IsServedAsync(EdgeUnderTest edge, string from)
    {
        try
        {
            await using var connection = await OpenAsync(edge, from);
            return await connection.AskAsync($"{Get}\r\n") is not null;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    }

    private static async Task<RawConnection?> TryBeginAsync(EdgeUnderTest edge, string begun)
    {
        try
        {
            var connection = await OpenAsync(edge, "127.0.0.2");
            await connection.SendAsync(begun);
            return connection;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return null;
        }
    }
}
