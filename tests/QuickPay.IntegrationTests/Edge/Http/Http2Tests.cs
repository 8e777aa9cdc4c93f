using System.Net;
using System.Net.Http.Json;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>HTTP/2: the same rules as for HTTP/1.1, and floods that only it knows.</summary>
public sealed class Http2Tests(RecordedEdge edge) : IClassFixture<RecordedEdge>
{
    // What a flood uses up of its address's requests is not there for the next test.
    private static readonly IPAddress Flooder = IPAddress.Parse("127.7.7.8");

    [Fact]
    public async Task A_call_over_HTTP_2_reaches_a_server()
    {
        using var member = edge.Edge.Client(version: HttpVersion.Version20);

        using var answer = await member.PostAsJsonAsync("/v1/transfers", new { amount = 1 }, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (answer.StatusCode, answer.Version));
        RecordedEdge.ShouldBeWellFormed(Assert.Single(await edge.TakeAsync(atLeast: 1)));
    }

    public static readonly TheoryData<string, int, (string, string)[]> Heads = new()
    {
        { "as it should be", 200, Head("/v1/accounts", "localhost") },
        { "another host beside the authority", 200, [.. Head("/v1/accounts", "localhost"), ("host", "evil.example")] },
        { "another authority beside the host", 421, [.. Head("/v1/accounts", "evil.example"), ("host", "localhost")] },
        { "no authority", 421, [(":method", "GET"), (":scheme", "https"), (":path", "/v1/accounts")] },
        { "user information", 0, Head("/v1/accounts", "localhost@evil.example") },
        { "a path that is none", 0, Head("v1/accounts", "localhost") },
        { "an escaped path", 404, Head("/v1/%61ccounts", "localhost") },
        { "an absolute path", 0, Head("https://localhost/v1/accounts", "localhost") },
        { "a line break in a value", 0, [.. Head("/v1/accounts", "localhost"), ("x-a", "b\r\nX-C: d")] },
        { "a line break in the path", 0, Head("/v1/accounts HTTP/1.1\r\nX: y", "localhost") },
        { "a line break in a name", 400, [.. Head("/v1/accounts", "localhost"), ("x-a: b\r\nx-c", "d")] },
        { "a NUL in a value", 0, [.. Head("/v1/accounts", "localhost"), ("x-a", "b\0")] },
        { "bytes beyond ASCII", 400, [.. Head("/v1/accounts", "localhost"), ("x-a", "\xc3\xa9")] },
        { "a name in capitals", 0, [.. Head("/v1/accounts", "localhost"), ("X-A", "b")] },
        { "chunks", 400, [.. Head("/v1/accounts", "localhost"), ("transfer-encoding", "chunked")] },
        { "a header of the connection", 0, [.. Head("/v1/accounts", "localhost"), ("connection", "close")] },
        { "two paths", 0, [.. Head("/v1/accounts", "localhost"), (":path", "/metrics")] },
        { "a length without a body", 0, [.. Head("/v1/accounts", "localhost"), ("content-length", "5")] },
        { "CONNECT", 400, [(":method", "CONNECT"), (":authority", "localhost")] },
    };

    /// <param name="what">For the reader.</param>
    /// <param name="status">0: the stream is reset, or the connection ends.</param>
    [Theory]
    [MemberData(nameof(Heads))]
    public async Task A_head_is_refused_or_reaches_a_server_as_one_declared_call(string what, int status, (string, string)[] head)
    {
        await using var connection = await RawHttp2.OpenAsync(edge.Edge);

        await connection.SendAsync(RawHttp2.Frame(RawHttp2.Headers, RawHttp2.EndHeaders | RawHttp2.EndStream, 1, RawHttp2.Block(head)));

        var actual = await connection.StatusAsync(1) ?? 0;
        Assert.True(status == actual, $"{what}: {actual}");
        var reached = await edge.TakeAsync(atLeast: status == 200 ? 1 : 0);
        Assert.Equal(status == 200 ? 1 : 0, reached.Count);
        Assert.All(reached, RecordedEdge.ShouldBeWellFormed);
    }

    [Fact]
    public async Task Streams_that_are_reset_as_soon_as_they_begin_end_the_connection()
    {
        const int Streams = 20_000;
        await using var connection = await RawHttp2.OpenAsync(edge.Edge, Flooder);
        var answers = CountAsync(connection);

        var sent = await connection.FloodAsync(
            i => [.. RawHttp2.Get(2 * i + 1), .. RawHttp2.Frame(RawHttp2.Reset, 0, 2 * i + 1, [0, 0, 0, 8])],
            Streams
        );
        await connection.DisposeAsync();

        Assert.True(sent < Streams, "Nobody stopped it.");
        await answers;
        // The canary is served, and what went through was well-formed.
        Assert.All(await edge.TakeAsync(), RecordedEdge.ShouldBeWellFormed);
    }

    [Theory]
    [InlineData(RawHttp2.Settings, 0)]
    [InlineData(RawHttp2.Ping, 8)]
    public async Task Frames_that_want_an_answer_which_nobody_reads_hold_no_one_else_up(byte type, int bytes)
    {
        await using var connection = await RawHttp2.OpenAsync(edge.Edge, Flooder);
        byte[] many = [.. Enumerable.Repeat(RawHttp2.Frame(type, 0, 0, new byte[bytes]), 1_000).SelectMany(frame => frame)];

        // A megabyte and more of frames, and not one answer taken: the edge stops reading, or ends the connection.
        var flood = connection.FloodAsync(_ => many, 5_000);

        Assert.Empty(await edge.TakeAsync());
        await connection.DisposeAsync();
        Assert.True(await flood < 5_000, "All of it was taken.");
    }

    [Fact]
    public async Task Headers_that_never_end_end_the_connection()
    {
        await using var connection = await RawHttp2.OpenAsync(edge.Edge, Flooder);
        var first = RawHttp2.Frame(RawHttp2.Headers, RawHttp2.EndStream, 1, RawHttp2.Block(Head("/v1/accounts", "localhost")));
        var more = RawHttp2.Frame(
            RawHttp2.Continuation,
            0,
            1,
            RawHttp2.Block(Enumerable.Range(0, 100).Select(i => ($"x-{i}", new string('a', 100))))
        );
        var answers = CountAsync(connection);

        var sent = await connection.FloodAsync(i => i == 0 ? first : more, 2_000);

        Assert.True(sent < 2_000, "Nobody stopped it.");
        await answers;
        Assert.Empty(await edge.TakeAsync());
    }

    private static (string, string)[] Head(string path, string authority) =>
        [(":method", "GET"), (":scheme", "https"), (":path", path), (":authority", authority)];

    private static async Task<int> CountAsync(RawHttp2 connection)
    {
        var count = 0;
        try
        {
            while (await connection.ReadAsync() is not null)
            {
                count++;
            }
        }
        catch (ObjectDisposedException)
        {
            // The test closed it.
        }
        return count;
    }
}
