using CsCheck;

namespace QuickPay.IntegrationTests.Edge.Http;

/// <summary>
/// Good requests, broken at random places and with what parsers stumble over: whatever comes, the edge lives, fails nobody, and its servers
/// get well-formed calls.
/// </summary>
public sealed class FuzzTests(RecordedEdge edge, ITestOutputHelper output) : IClassFixture<RecordedEdge>
{
    private const int LookEvery = 25;

    private static readonly string[] Good =
    [
        "GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/accounts/1/transactions?limit=20&from=2026-01-01T00%3A00%3A00Z HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
        "DELETE /v1/sessions/current HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer abc\r\n\r\n",
        "POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"amount\":100}",
        "POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "7\r\n{\"amoun\r\n7\r\nt\":100}\r\n0\r\n\r\n",
        "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            + "GET /v1/members/me HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ];

    private static readonly string[] Nasty =
    [
        "\r\n",
        "\n",
        "\r",
        "\0",
        " ",
        "\t",
        "\v",
        ":",
        ";",
        ",",
        "/",
        "//",
        "/../",
        "%2e%2e%2f",
        "%00",
        "%",
        "?",
        "#",
        "\\",
        "\x80",
        "\xff\xfe",
        "\xc3\xa9",
        "\xed\xa0\x80",
        "0\r\n\r\n",
        "Content-Length: 0\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Host: evil.example\r\n",
        "Connection: close, Content-Length\r\n",
        "Expect: 100-continue\r\n",
        "Upgrade: websocket\r\n",
        "ffffffffff",
        "-1",
        "[[[[[[[[[[[[[[[[[[[[[[",
        "\"",
        "{",
        "HTTP/1.0",
        "HTTP/2",
        "https://evil.example",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
        new string('a', 9_000),
        string.Concat(Enumerable.Repeat("X-A: b\r\n", 60)),
    ];

    private static readonly Gen<int> Place = Gen.Int[0, 100_000];

    private static readonly Gen<Func<string, string>> Break = Gen.OneOf(
        Gen.Select(Place, OneOf(Nasty)).Select<(int, string), Func<string, string>>(x => text => text.Insert(At(text, x.Item1), x.Item2)),
        Gen.Select(Place, Gen.Char['\0', '\xff'])
            .Select<(int, char), Func<string, string>>(x => text => text.Insert(At(text, x.Item1), $"{x.Item2}")),
        Gen.Select(Place, Gen.Int[1, 12])
            .Select<(int, int), Func<string, string>>(x =>
                text => text.Remove(At(text, x.Item1), Math.Min(x.Item2, text.Length - At(text, x.Item1)))
            ),
        Gen.Select(Place, Gen.Int[1, 60]).Select<(int, int), Func<string, string>>(x => text => Twice(text, At(text, x.Item1), x.Item2)),
        Place.Select<int, Func<string, string>>(at => text => text[..At(text, at)])
    );

    private static readonly Gen<string> Broken = Gen.Select(
        OneOf(Good),
        Break.Array[0, 4],
        (good, breaks) => breaks.Aggregate(good, (text, step) => step(text))
    );

    private static readonly Gen<string> Noise = Gen.Char['\0', '\xff'].Array[1, 200].Select(characters => new string(characters));

    [Fact]
    public async Task Whatever_comes_nothing_fails_and_servers_get_declared_calls()
    {
        var (asked, passed) = (0, 0);
        await Gen.Frequency((9, Broken), (1, Noise))
            .SampleAsync(
                async request =>
                {
                    foreach (var status in await StatusesAsync(request))
                    {
                        Assert.True(status is < 500 or 505, $"{status}: {Shown(request)}");
                    }
                    if (++asked % LookEvery == 0)
                    {
                        passed += await LookAsync();
                    }
                },
                iter: 500,
                threads: 1,
                print: Shown,
                writeLine: output.WriteLine
            );
        passed += await LookAsync();
        // Else nothing but the first line of defence was tried.
        Assert.True(passed > asked / 20, $"Only {passed} of {asked} passed.");
        output.WriteLine($"{asked} sent, {passed} passed on");
    }

    private async Task<int> LookAsync()
    {
        var reached = await edge.TakeAsync();
        Assert.All(reached, RecordedEdge.ShouldBeWellFormed);
        return reached.Count;
    }

    private async Task<List<int>> StatusesAsync(string request)
    {
        await using var connection = await RawConnection.OpenAsync(edge.Edge);
        List<int> statuses = [];
        try
        {
            await connection.SendAsync(request);
            // Nothing more comes: what is cut off is not waited for.
            await connection.Tls.ShutdownAsync();
        }
        catch (IOException)
        {
            // Cut before it was all sent.
        }
        while (await connection.ReadAsync() is { } answer)
        {
            statuses.Add(answer.Status);
        }
        return statuses;
    }

    private static Gen<string> OneOf(string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static int At(string text, int place) => place % (text.Length + 1);

    private static string Twice(string text, int at, int length) => text.Insert(at, text.Substring(at, Math.Min(length, text.Length - at)));

    private static string Shown(string request) =>
        string.Concat(request.Take(2_000).Select(c => c is >= ' ' and <= '~' ? $"{c}" : $"\\x{(int)c:x2}"));
}
