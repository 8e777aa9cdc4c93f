using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using QuickPay.IntegrationTests.Support;

namespace QuickPay.IntegrationTests.Edge.Balancing;

/// <summary>What is sent to a second server, what never is, and what the member is told when nobody has answered.</summary>
public sealed class RetryTests
{
    private static readonly RequestDelegate ReadsAndBreaks = async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Abort();
    };

    [Theory]
    [InlineData("GET", null, "1.1")]
    [InlineData("POST", "key-1", "1.1")]
    [InlineData("GET", null, "2.0")]
    [InlineData("POST", "key-1", "2.0")]
    public async Task What_is_idempotent_is_answered_by_a_second_server(string method, string? key, string version)
    {
        await using var broken = await FakeServer.StartAsync(ReadsAndBreaks, "api-1");
        await using var whole = await FakeServer.StartAsync(EchoAsync, "api-2");
        await using var edge = await EdgeUnderTest.StartAsync([broken, whole]);
        using var member = new BalancedClient(edge, Version.Parse(version));

        // Whoever is asked first: as soon as the broken one has been, both have.
        await Eventually.IsTrueAsync(
            async () =>
            {
                var answer = method == "GET" ? await member.GetAsync() : await member.PostAsync(key: key);
                Assert.Equal(200, answer.Status);
                Assert.Equal(method == "GET" ? "" : """{"amount":30000}""", answer.Text);
                return broken.Requests > 0;
            },
            "the broken server was asked"
        );

        Assert.Equal(1, broken.Requests);
    }

    [Theory]
    [InlineData("POST", "/v1/transfers", null, true)]
    [InlineData("POST", "/v1/transfers/1/cancel", null, false)]
    [InlineData("POST", "/v1/sessions", "key-1", true)]
    [InlineData("DELETE", "/v1/sessions/current", null, false)]
    public async Task What_is_not_idempotent_is_sent_once(string method, string path, string? key, bool body)
    {
        // HTTP clients may by themselves send again what a server has closed the connection on.
        await using var one = new HangingUpServer();
        await using var two = new HangingUpServer();
        await using var edge = await EdgeUnderTest.StartAsync([("api-1", one.Address), ("api-2", two.Address)]);
        using var member = new BalancedClient(edge);
        IEnumerable<(string, string)> headers = key is null ? [] : [("Idempotency-Key", key)];

        var answer = await member.SendAsync(new HttpMethod(method), path, body, headers);

        Assert.Equal(1, one.Requests + two.Requests);
        Assert.Equal((503, "outcome_unknown"), (answer.Status, answer.Code));
        Assert.Contains("look before you send it again", answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.NotNull(answer.RetryAfter);
        Assert.Single(answer.Headers("X-Request-Id"));
    }

    /// <summary>A key that the client keeps from the API makes nothing safe to repeat.</summary>
    [Fact]
    public async Task A_key_that_does_not_reach_the_API_does_not_count()
    {
        await using var one = new HangingUpServer();
        await using var two = new HangingUpServer();
        await using var edge = await EdgeUnderTest.StartAsync([("api-1", one.Address), ("api-2", two.Address)]);
        using var member = new BalancedClient(edge);

        var answer = await member.SendAsync(
            HttpMethod.Post,
            "/v1/transfers",
            true,
            [("Idempotency-Key", "key-1"), ("Connection", "idempotency-key")]
        );

        Assert.Equal(1, one.Requests + two.Requests);
        Assert.Equal((503, "outcome_unknown"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task A_server_that_hangs_up_is_asked_once_even_for_what_may_be_repeated()
    {
        await using var one = new HangingUpServer();
        await using var two = new HangingUpServer();
        await using var edge = await EdgeUnderTest.StartAsync([("api-1", one.Address), ("api-2", two.Address)]);
        using var member = new BalancedClient(edge);

        var answer = await member.GetAsync();

        Assert.Equal((1, 1), (one.Requests, two.Requests));
        Assert.Equal((503, "unavailable_retry"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("GET", null, "unavailable_retry")]
    [InlineData("POST", "key-1", "outcome_unknown")]
    public async Task When_the_second_try_fails_too_there_is_no_third(string method, string? key, string code)
    {
        FakeServer[] servers =
        [
            await FakeServer.StartAsync(ReadsAndBreaks, "api-1"),
            await FakeServer.StartAsync(ReadsAndBreaks, "api-2"),
            await FakeServer.StartAsync(ReadsAndBreaks, "api-3"),
        ];
        await using var edge = await EdgeUnderTest.StartAsync(servers);
        using var member = new BalancedClient(edge);

        var answer = method == "GET" ? await member.GetAsync() : await member.PostAsync(key: key);

        Assert.Equal(2, servers.Sum(server => server.Requests));
        Assert.All(servers, server => Assert.InRange(server.Requests, 0, 1));
        Assert.Equal((503, code), (answer.Status, answer.Code));
        Assert.NotNull(answer.RetryAfter);
        Assert.Single(answer.Headers("X-Request-Id"));
        Assert.Empty(answer.Headers("Set-Cookie"));
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("POST", "key-1")]
    [InlineData("POST", null)]
    [InlineData("DELETE", null)]
    public async Task What_no_server_has_seen_may_go_to_another_one(string method, string? key)
    {
        var gone = await FakeServer.StartAsync(id: "api-1");
        await using var there = await FakeServer.StartAsync(id: "api-2");
        // Longer than this test: only the requests themselves find out.
        await using var edge = await EdgeUnderTest.StartAsync([gone, there], ("Balancing:ProbeEveryMs", "60000"));
        using var member = new BalancedClient(edge);
        await gone.DisposeAsync();

        for (var i = 0; i < 4; i++)
        {
            var answer = method switch
            {
                "GET" => await member.GetAsync(),
                "POST" => await member.PostAsync(key: key),
                _ => await member.DeleteAsync("/v1/sessions/current"),
            };
            Assert.Equal((200, "api-2"), (answer.Status, answer.Text));
        }
    }

    [Theory]
    [InlineData("key-1")]
    [InlineData(null)]
    public async Task What_no_server_can_have_seen_is_safe_to_send_again(string? key)
    {
        var gone = await FakeServer.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([gone], ("Balancing:ProbeEveryMs", "60000"));
        using var member = new BalancedClient(edge);
        await gone.DisposeAsync();

        var answer = await member.PostAsync(key: key);

        Assert.Equal((503, "unavailable_retry"), (answer.Status, answer.Code));
    }

    /// <summary>Its packets are dropped, as those of a machine that is gone: nobody says no.</summary>
    [Fact]
    public async Task A_connection_that_is_never_taken_counts_as_one_that_was_refused()
    {
        using var full = new FullListener();
        await using var edge = await EdgeUnderTest.StartAsync(
            [("full", full.Address)],
            ("Balancing:ConnectTimeoutMs", "300"),
            ("Balancing:ProbeTimeoutMs", "100"),
            ("Balancing:ProbeEveryMs", "60000")
        );
        using var member = new BalancedClient(edge);

        var answer = await member.PostAsync();

        Assert.Equal((503, "unavailable_retry"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("key-1", false)]
    [InlineData(null, true)]
    public async Task An_answer_that_does_not_come_in_time_is_an_unknown_outcome_and_is_asked_for_once(string? key, bool look)
    {
        var never = new TaskCompletionSource();
        RequestDelegate hangs = context => never.Task.WaitAsync(context.RequestAborted);
        await using var one = await FakeServer.StartAsync(hangs, "api-1");
        await using var two = await FakeServer.StartAsync(hangs, "api-2");
        await using var edge = await EdgeUnderTest.StartAsync([one, two], ("Balancing:AnswerTimeoutMs", "1000"));
        using var member = new BalancedClient(edge);

        var answer = await member.PostAsync(key: key);

        Assert.Equal((503, "outcome_unknown"), (answer.Status, answer.Code));
        Assert.Equal(look, answer["detail"].GetString()!.Contains("look before", StringComparison.Ordinal));
        Assert.Equal(1, one.Requests + two.Requests);
    }

    /// <summary>The second try gets what the first has left of the time, not as much again.</summary>
    [Fact]
    public async Task Both_tries_together_have_one_deadline()
    {
        var never = new TaskCompletionSource();
        var first = new FirstOf();
        RequestDelegate breaksLateThenHangs = async context =>
        {
            if (first.Take())
            {
                await never
                    .Task.WaitAsync(TimeSpan.FromSeconds(3), TimeProvider.System)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                context.Abort();
                return;
            }
            await never.Task.WaitAsync(context.RequestAborted);
        };
        await using var one = await FakeServer.StartAsync(breaksLateThenHangs, "api-1");
        await using var two = await FakeServer.StartAsync(breaksLateThenHangs, "api-2");
        await using var edge = await EdgeUnderTest.StartAsync([one, two], ("Balancing:AnswerTimeoutMs", "8000"));
        using var member = new BalancedClient(edge);
        var started = TimeProvider.System.GetTimestamp();

        var answer = await member.GetAsync();

        Assert.Equal((503, "unavailable_retry"), (answer.Status, answer.Code));
        Assert.Equal(2, one.Requests + two.Requests);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds, 7_900, 10_500);
    }

    /// <summary>Answers are taken in whole, so that one that breaks off in the middle is another server's to give.</summary>
    [Theory]
    [InlineData("GET", 200)]
    [InlineData("POST", 503)]
    public async Task An_answer_that_breaks_off_in_the_middle_is_never_taken_for_a_whole_one(string method, int status)
    {
        await using var one = new HangingUpServer(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{\"balance\":1\r\n"
        );
        await using var two = await FakeServer.StartAsync(EchoAsync, "api-2");
        await using var edge = await EdgeUnderTest.StartAsync([("api-1", one.Address), (two.Id, two.Address)]);
        using var member = new BalancedClient(edge);

        ApiAnswer answer = null!;
        await Eventually.IsTrueAsync(
            async () =>
            {
                answer = method == "GET" ? await member.GetAsync() : await member.PostAsync();
                return one.Requests > 0;
            },
            "the server that breaks off was asked"
        );

        Assert.Equal(status, answer.Status);
        Assert.DoesNotContain("balance", answer.Text, StringComparison.Ordinal);
    }

    /// <summary>Files of the documentation are passed on as they come; the member sees that one is not whole.</summary>
    [Fact]
    public async Task A_large_file_that_breaks_off_is_a_broken_transfer()
    {
        await using var server = await FakeServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/javascript";
            await context.Response.WriteAsync(new string('x', 100_000));
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var client = edge.Client();

        await Assert.ThrowsAsync<HttpRequestException>(() =>
            client.GetStringAsync(new Uri("/docs/scalar.js", UriKind.Relative), TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task A_small_answer_in_chunks_goes_on_with_its_length()
    {
        await using var server = await FakeServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{\"a\":");
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync("1}");
        });
        await using var edge = await EdgeUnderTest.StartAsync([server]);
        using var member = new BalancedClient(edge);

        var answer = await member.GetAsync();

        Assert.Equal("{\"a\":1}", answer.Text);
        Assert.Equal("7", answer.Header("Content-Length"));
    }

    private static Task EchoAsync(HttpContext context) => context.Request.Body.CopyToAsync(context.Response.Body);

    /// <summary>An address whose queue of new connections is full.</summary>
    private sealed class FullListener : IDisposable
    {
        private const int Waiting = 8;
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _waiting = [];

        public FullListener()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(1);
            for (var i = 0; i < Waiting; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _waiting.Add(socket);
                try
                {
                    socket.Connect(_listener.LocalEndPoint!);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                    // It waits, which is what it is for.
                }
            }
        }

        public string Address => $"http://{_listener.LocalEndPoint}";

        public void Dispose()
        {
            _waiting.ForEach(socket => socket.Dispose());
            _listener.Dispose();
        }
    }

    private sealed class FirstOf
    {
        private int _taken;

        public bool Take() => Interlocked.Exchange(ref _taken, 1) == 0;
    }
}
