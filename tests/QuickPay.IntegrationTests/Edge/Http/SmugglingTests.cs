namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>Requests that two parsers may read in two ways: each is refused, or reaches an API server as exactly one declared call.</summary>
public sealed class SmugglingTests(RecordedEdge edge) : IClassFixture<RecordedEdge>
{
    private const string Host = "Host: localhost\r\n";
    private const string Json = "Content-Type: application/json\r\n";
    private const string Hidden = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

    public static readonly TheoryData<string, int, string> Cases = new()
    {
        { "length and chunks", 400, Post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + Hidden) },
        { "chunks and length", 400, Post("Transfer-Encoding: chunked\r\nContent-Length: 60\r\n", "0\r\n\r\n" + Hidden) },
        { "two lengths", 400, Post("Content-Length: 2\r\nContent-Length: 0\r\n", "{}" + Hidden) },
        { "the same length twice", 400, Post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}") },
        { "a list of lengths", 400, Post("Content-Length: 2, 2\r\n", "{}") },
        { "a negative length", 400, Post("Content-Length: -1\r\n", "{}") },
        { "a length with a sign", 200, Post("Content-Length: +2\r\n", "{}") },
        { "a hexadecimal length", 400, Post("Content-Length: 0x2\r\n", "{}") },
        { "a length that overflows", 400, Post("Content-Length: 18446744073709551618\r\n", "{}") },
        { "an empty length", 400, Post("Content-Length: \r\n", "{}") },
        { "no length at all", 200, Post("", "{}" + Hidden) },
        { "white space before the colon", 400, Post("Content-Length : 2\r\n", "{}") },
        { "white space before the colon of the encoding", 400, Post("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n") },
        { "a tab before the encoding", 200, Post("Transfer-Encoding:\tchunked\r\n", "0\r\n\r\n") },
        { "a vertical tab before the encoding", 400, Post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n") },
        { "another encoding", 400, Post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n") },
        { "packed chunks", 400, Post("Transfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "chunks that are packed", 400, Post("Transfer-Encoding: chunked, gzip\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "chunks, identity", 400, Post("Transfer-Encoding: chunked, identity\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "identity", 400, Post("Transfer-Encoding: identity\r\nContent-Length: 2\r\n", "{}") },
        { "chunks twice", 400, Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "chunks, then something", 400, Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "quoted chunks", 400, Post("Transfer-Encoding: \"chunked\"\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "chunks in capitals", 200, Post("Transfer-Encoding: CHUNKED\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "a packed body", 415, Post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}") },
        { "a folded header", 400, Post("X-Folded: a\r\n Content-Length: 2\r\nContent-Length: 2\r\n", "{}") },
        { "a folded encoding", 400, Post("Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n") },
        { "lines that end with LF", 400, "POST /v1/transfers HTTP/1.1\n" + Host + "Content-Length: 2\r\n\r\n{}" },
        { "a header that ends with LF", 400, Post("X-A: b\nContent-Length: 2\r\n", "{}") },
        { "a header that ends with CR", 400, Post("X-A: b\rContent-Length: 2\r\n", "{}") },
        { "a header without a name", 400, Post(": b\r\nContent-Length: 2\r\n", "{}") },
        { "a header without a colon", 400, Post("XA\r\nContent-Length: 2\r\n", "{}") },
        { "a NUL in a header", 400, Post("X-A: b\0c\r\nContent-Length: 2\r\n", "{}") },
        { "a control character in a header", 400, Post("X-A: b\u0001c\r\nContent-Length: 2\r\n", "{}") },
        { "a NUL in a name", 400, Post("X\0A: b\r\nContent-Length: 2\r\n", "{}") },
        { "invalid UTF-8 in a header", 400, Post("X-A: \xff\xfe\r\nContent-Length: 2\r\n", "{}") },
        { "UTF-8 in a header", 400, Post("X-A: \xc3\xa9\r\nContent-Length: 2\r\n", "{}") },
        { "UTF-8 in a name", 400, Post("X-\xc3\xa9: a\r\nContent-Length: 2\r\n", "{}") },
        { "a chunk with an extension", 200, Post("Transfer-Encoding: chunked\r\n", "2;a=b\r\n{}\r\n0\r\n\r\n") },
        { "an extension with LF", 400, Post("Transfer-Encoding: chunked\r\n", "2;\n{}\r\n0\r\n\r\n") },
        { "an extension that hides a chunk", 400, Post("Transfer-Encoding: chunked\r\n", "2;\nxx\r\n2f\r\n0\r\n\r\n" + Hidden) },
        { "a chunk size with 0x", 400, Post("Transfer-Encoding: chunked\r\n", "0x2\r\n{}\r\n0\r\n\r\n") },
        { "a chunk size with a sign", 400, Post("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n") },
        { "a chunk size that overflows", 400, Post("Transfer-Encoding: chunked\r\n", "ffffffffffffffff2\r\n{}\r\n0\r\n\r\n") },
        { "a chunk size of spaces", 400, Post("Transfer-Encoding: chunked\r\n", "  \r\n{}\r\n0\r\n\r\n") },
        { "a chunk that ends with LF", 400, Post("Transfer-Encoding: chunked\r\n", "2\r\n{}\n0\r\n\r\n") },
        { "a chunk longer than it says", 400, Post("Transfer-Encoding: chunked\r\n", "2\r\n{}xx\r\n0\r\n\r\n") },
        { "trailers that name a length", 200, Post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n") },
        {
            "chunks in HTTP/1.0",
            400,
            "POST /v1/transfers HTTP/1.0\r\n" + Host + Json + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        },
        { "a GET with a body", 400, "GET /v1/accounts HTTP/1.1\r\n" + Host + "Content-Length: 44\r\n\r\n" + Hidden },
        { "a GET with chunks", 400, "GET /v1/accounts HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "a DELETE with a body", 400, "DELETE /v1/sessions/current HTTP/1.1\r\n" + Host + "Content-Length: 2\r\n\r\n{}" },
        { "an upgrade", 200, "GET /v1/accounts HTTP/1.1\r\n" + Host + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" },
        {
            "an upgrade to h2c",
            200,
            "GET /v1/accounts HTTP/1.1\r\n"
                + Host
                + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
        },
        { "an upgrade with a body", 200, Post("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n", "{}") },
        { "a header that is the connection's own", 200, Post("Connection: Content-Length\r\nContent-Length: 2\r\n", "{}") },
        { "the preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
        { "HTTP/0.9", 400, "GET /v1/accounts\r\n" },
        { "HTTP/1.9", 505, "GET /v1/accounts HTTP/1.9\r\n" + Host + "\r\n" },
        { "HTTP/11", 400, "GET /v1/accounts HTTP/11\r\n" + Host + "\r\n" },
        { "two spaces", 400, "GET  /v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "a tab in the first line", 400, "GET\t/v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "empty lines before", 200, "\r\n\r\nGET /v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "a space before the first header", 400, "GET /v1/accounts HTTP/1.1\r\n " + Host + "\r\n" },
        { "a method in small letters", 405, "get /v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "another method by header", 200, Post("X-HTTP-Method-Override: DELETE\r\nContent-Length: 2\r\n", "{}") },
        { "another path by header", 200, Post("X-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\nContent-Length: 2\r\n", "{}") },
        { "a body that is not UTF-8", 400, Post("Content-Length: 9\r\n", "{\"a\":\"\xff\"}") },
        { "deep JSON", 400, Post("Content-Length: 16000\r\n", new string('[', 16_000)) },
        { "Expect", 200, Post("Expect: 100-continue\r\nContent-Length: 2\r\n", "{}") },
        { "another expectation", 200, Post("Expect: 200-ok\r\nContent-Length: 2\r\n", "{}") },
    };

    /// <param name="what">For the reader.</param>
    /// <param name="status">Of the first answer; what is answered 200 has reached the server.</param>
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_can_be_read_in_two_ways_is_refused_or_reaches_a_server_as_one_declared_call(
        string what,
        int status,
        string request
    )
    {
        await using var connection = await RawConnection.OpenAsync(edge.Edge);

        var answer = await connection.AskAsync(request);

        Assert.True(status == answer?.Status, $"{what}: {answer?.Head} {answer?.Body}");
        var reached = await edge.TakeAsync(atLeast: status == 200 ? 1 : 0);
        Assert.Equal(status == 200 ? 1 : 0, reached.Count);
        Assert.All(reached, RecordedEdge.ShouldBeWellFormed);
    }

    [Fact]
    public async Task Requests_sent_at_once_are_answered_one_after_the_other()
    {
        await using var connection = await RawConnection.OpenAsync(edge.Edge);

        var first = await connection.AskAsync(Post("Content-Length: 2\r\n", "{}") + "GET /v1/accounts HTTP/1.1\r\n" + Host + "\r\n");
        var second = await connection.ReadAsync();

        Assert.Equal((200, 200), (first?.Status, second?.Status));
        var reached = await edge.TakeAsync(atLeast: 2);
        Assert.Equal(["POST /v1/transfers", "GET /v1/accounts"], reached.Select(request => request.Target));
        Assert.All(reached, RecordedEdge.ShouldBeWellFormed);
    }

    /// <summary>After a request that nobody understands, where the next one begins is anybody's guess.</summary>
    [Fact]
    public async Task A_connection_ends_with_a_request_that_cannot_be_framed()
    {
        await using var connection = await RawConnection.OpenAsync(edge.Edge);

        var refused = await connection.AskAsync(Post("Content-Length: -1\r\n", "{}") + "GET /v1/accounts HTTP/1.1\r\n" + Host + "\r\n");

        Assert.Equal(400, refused?.Status);
        Assert.True(await connection.EndsAsync());
        Assert.Empty(await edge.TakeAsync());
    }

    private static string Post(string headers, string body) => "POST /v1/transfers HTTP/1.1\r\n" + Host + Json + headers + "\r\n" + body;
}
