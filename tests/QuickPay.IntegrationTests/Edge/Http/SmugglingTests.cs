namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>Requests that two parsers may read in two ways: each is refused, or reaches an API server as exactly one declared call.</summary>
public sealed class SmugglingTests
{
    private const string Host = "Host: localhost\r\n";
    private const string Json = "Content-Type: application/json\r\n";
    private const string Hidden = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

    public static readonly TheoryData<string, string> Cases = new()
    {
        { "length and chunks", Post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + Hidden) },
        { "chunks and length", Post("Transfer-Encoding: chunked\r\nContent-Length: 60\r\n", "0\r\n\r\n" + Hidden) },
        { "two lengths", Post("Content-Length: 2\r\nContent-Length: 0\r\n", "{}" + Hidden) },
        { "the same length twice", Post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}") },
        { "a list of lengths", Post("Content-Length: 2, 2\r\n", "{}") },
        { "a negative length", Post("Content-Length: -1\r\n", "{}") },
        { "a length with a sign", Post("Content-Length: +2\r\n", "{}") },
        { "a hexadecimal length", Post("Content-Length: 0x2\r\n", "{}") },
        { "a length that overflows", Post("Content-Length: 18446744073709551618\r\n", "{}") },
        { "an empty length", Post("Content-Length: \r\n", "{}") },
        { "no length at all", Post("", "{}" + Hidden) },
        { "white space before the colon", Post("Content-Length : 2\r\n", "{}") },
        { "white space before the colon of the encoding", Post("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n") },
        { "a tab before the encoding", Post("Transfer-Encoding:\tchunked\r\n", "0\r\n\r\n") },
        { "a vertical tab before the encoding", Post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n") },
        { "another encoding", Post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n") },
        { "packed chunks", Post("Transfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "chunks that are packed", Post("Transfer-Encoding: chunked, gzip\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "chunks, identity", Post("Transfer-Encoding: chunked, identity\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "identity", Post("Transfer-Encoding: identity\r\nContent-Length: 2\r\n", "{}") },
        { "chunks twice", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "chunks, then something", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "quoted chunks", Post("Transfer-Encoding: \"chunked\"\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "chunks in capitals", Post("Transfer-Encoding: CHUNKED\r\n", "2\r\n{}\r\n0\r\n\r\n") },
        { "a packed body", Post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}") },
        { "a folded header", Post("X-Folded: a\r\n Content-Length: 2\r\nContent-Length: 2\r\n", "{}") },
        { "a folded encoding", Post("Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n") },
        { "lines that end with LF", "POST /v1/transfers HTTP/1.1\n" + Host + "Content-Length: 2\r\n\r\n{}" },
        { "a header that ends with LF", Post("X-A: b\nContent-Length: 2\r\n", "{}") },
        { "a header that ends with CR", Post("X-A: b\rContent-Length: 2\r\n", "{}") },
        { "a header without a name", Post(": b\r\nContent-Length: 2\r\n", "{}") },
        { "a header without a colon", Post("XA\r\nContent-Length: 2\r\n", "{}") },
        { "a NUL in a header", Post("X-A: b\0c\r\nContent-Length: 2\r\n", "{}") },
        { "a control character in a header", Post("X-A: b\u0001c\r\nContent-Length: 2\r\n", "{}") },
        { "a NUL in a name", Post("X\0A: b\r\nContent-Length: 2\r\n", "{}") },
        { "invalid UTF-8 in a header", Post("X-A: \xff\xfe\r\nContent-Length: 2\r\n", "{}") },
        { "UTF-8 in a header", Post("X-A: \xc3\xa9\r\nContent-Length: 2\r\n", "{}") },
        { "UTF-8 in a name", Post("X-\xc3\xa9: a\r\nContent-Length: 2\r\n", "{}") },
        { "a chunk with an extension", Post("Transfer-Encoding: chunked\r\n", "2;a=b\r\n{}\r\n0\r\n\r\n") },
        { "an extension with LF", Post("Transfer-Encoding: chunked\r\n", "2;\n{}\r\n0\r\n\r\n") },
        { "an extension that hides a chunk", Post("Transfer-Encoding: chunked\r\n", "2;\nxx\r\n2f\r\n0\r\n\r\n" + Hidden) },
        { "a chunk size with 0x", Post("Transfer-Encoding: chunked\r\n", "0x2\r\n{}\r\n0\r\n\r\n") },
        { "a chunk size with a sign", Post("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n") },
        { "a chunk size that overflows", Post("Transfer-Encoding: chunked\r\n", "ffffffffffffffff2\r\n{}\r\n0\r\n\r\n") },
        { "a chunk size of spaces", Post("Transfer-Encoding: chunked\r\n", "  \r\n{}\r\n0\r\n\r\n") },
        { "a chunk that ends with LF", Post("Transfer-Encoding: chunked\r\n", "2\r\n{}\n0\r\n\r\n") },
        { "a chunk longer than it says", Post("Transfer-Encoding: chunked\r\n", "2\r\n{}xx\r\n0\r\n\r\n") },
        { "trailers that name a length", Post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n") },
        { "chunks in HTTP/1.0", "POST /v1/transfers HTTP/1.0\r\n" + Host + Json + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "a GET with a body", "GET /v1/accounts HTTP/1.1\r\n" + Host + "Content-Length: 44\r\n\r\n" + Hidden },
        { "a GET with chunks", "GET /v1/accounts HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "a DELETE with a body", "DELETE /v1/sessions/current HTTP/1.1\r\n" + Host + "Content-Length: 2\r\n\r\n{}" },
        { "an upgrade", "GET /v1/accounts HTTP/1.1\r\n" + Host + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" },
        {
            "an upgrade to h2c",
            "GET /v1/accounts HTTP/1.1\r\n" + Host + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
        },
        { "an upgrade with a body", Post("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n", "{}") },
        { "a header that is the connection's own", Post("Connection: Content-Length\r\nContent-Length: 2\r\n", "{}") },
        { "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
        { "HTTP/0.9", "GET /v1/accounts\r\n" },
        { "HTTP/1.9", "GET /v1/accounts HTTP/1.9\r\n" + Host + "\r\n" },
        { "HTTP/11", "GET /v1/accounts HTTP/11\r\n" + Host + "\r\n" },
        { "two spaces", "GET  /v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "a tab in the first line", "GET\t/v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "empty lines before", "\r\n\r\nGET /v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "a space before the first header", "GET /v1/accounts HTTP/1.1\r\n " + Host + "\r\n" },
        { "a method in small letters", "get /v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "another method by header", Post("X-HTTP-Method-Override: DELETE\r\nContent-Length: 2\r\n", "{}") },
        { "another path by header", Post("X-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\nContent-Length: 2\r\n", "{}") },
        { "two requests at once", Post("Content-Length: 2\r\n", "{}") + "GET /v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "a request after a refused one", Post("Content-Length: -1\r\n", "{}") + "GET /v1/accounts HTTP/1.1\r\n" + Host + "\r\n" },
        { "a body that is not UTF-8", Post("Content-Length: 9\r\n", "{\"a\":\"\xff\"}") },
        { "deep JSON", Post("Content-Length: 16000\r\n", new string('[', 16_000)) },
        { "Expect", Post("Expect: 100-continue\r\nContent-Length: 2\r\n", "{}") },
        { "another expectation", Post("Expect: 200-ok\r\nContent-Length: 2\r\n", "{}") },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_can_be_read_in_two_ways_reaches_no_server_or_as_one_declared_call(string what, string request)
    {
        await using var server = new RecordingServer();
        await using var edge = await EdgeUnderTest.StartAsync([], server.Setting);
        await using var connection = await RawConnection.OpenAsync(edge);

        var answer = await connection.AskAsync(request);
        TestContext.Current.TestOutputHelper?.WriteLine($"{what} → {answer?.Head.Split('\r')[0]} {answer?.Body}");
        Console.Error.WriteLine($"### {what} → {answer?.Status} | {string.Join(" | ", server.Requests.Select(r=>r.Head.Replace("\r\n", "  ") + " :: " + r.Body.Length))}");
    }

    private static string Post(string headers, string body) => "POST /v1/transfers HTTP/1.1\r\n" + Host + Json + headers + "\r\n" + body;
}
