using System.Text;
using System.Text.Json;
using CsCheck;
using QuickPay.Edge.Firewall;

namespace QuickPay.IntegrationTests.Edge.Firewall.FastPath;

/// <summary>
/// The fast path widens nothing: whatever it lets pass, the full rules find nothing in, not even what scores too little to block. A failure
/// prints CsCheck's seed and the smallest request; CsCheck_Seed=… in the environment plays it again.
/// </summary>
public sealed class FastPathDifferentialTests(FastPathFixture fixture, ITestOutputHelper output) : IClassFixture<FastPathFixture>
{
    /// <summary>The engine takes a hundred arguments at most; it is many times faster than one after the other.</summary>
    private const int Together = 60;

    private readonly FastGen _gen = new(fixture);
    private long _samples;
    private long _fast;

    [Fact]
    public void The_rules_find_nothing_in_a_fast_memo() => TryMemos(seconds: 6);

    [Fact]
    public void The_rules_find_nothing_in_a_fast_request() => TryRequests(seconds: 5);

    [Fact]
    [Trait("Category", "slow")]
    public void The_rules_find_nothing_in_a_fast_memo_for_long() => TryMemos(seconds: 600);

    [Fact]
    [Trait("Category", "slow")]
    public void The_rules_find_nothing_in_a_fast_request_for_long() => TryRequests(seconds: 200);

    /// <summary>Attacks, written with the class's characters only: what does not belong is left out, replaced, or folds to it.</summary>
    [Fact]
    public void The_rules_find_nothing_in_what_is_left_of_an_attack()
    {
        var memos =
            from name in (string[])["sqli", "xss", "traversal", "command", "php", "nodejs", "java", "rfi"]
            from attack in Corpus.Lines(name)
            from memo in FastGen.Reduced(attack)
            select memo;

        foreach (var batch in memos.Distinct().Where(fixture.IsFast).Chunk(Together))
        {
            ShouldBeClean(batch);
        }

        output.WriteLine($"{_fast} fast memos, each clean to the full rules");
        Assert.True(_fast > 1_000);
    }

    /// <summary>With the fast path every request of the corpus is decided as without: what it lets pass, the rules let pass.</summary>
    [Fact]
    public void The_corpus_is_decided_alike_with_the_fast_path_and_without()
    {
        var model = fixture.NewModel();
        var honest = Corpus.Honest.Select(FastRequest.Of).OfType<FastRequest>().ToList();
        // It has seen every set of headers that honest clients send, and some memos that are not in the class.
        var learned = honest.DistinctBy(request => string.Join('\n', request.Headers)).Concat(honest.Where((_, i) => i % 8 == 0));
        foreach (var request in learned)
        {
            fixture.Learn(model, request);
        }

        foreach (var request in Corpus.Attacks.Select(FastRequest.Of).OfType<FastRequest>().Concat(honest))
        {
            _samples++;
            if (FastPathFixture.Matches(model, request))
            {
                _fast++;
                var verdict = fixture.Engine.Inspect(request.ToInspected());
                Assert.True(verdict.IsClean, $"{request}: {string.Join(", ", verdict.Matches)}");
            }
        }

        output.WriteLine($"{_samples} requests of the corpus, {_fast} of them fast");
        Assert.True(_fast > 100);
    }

    private void TryMemos(int seconds)
    {
        _gen.Memo.Array[Together].Sample(memos => ShouldBeClean(memos), time: seconds, threads: 1);
        Report();
    }

    private void TryRequests(int seconds)
    {
        var model = fixture.NewModel();
        Requests()
            .Sample(
                request =>
                {
                    _samples++;
                    if (FastPathFixture.Matches(model, request))
                    {
                        _fast++;
                        var verdict = fixture.Engine.Inspect(request.ToInspected());
                        Assert.True(verdict.IsClean, $"{request}: {string.Join(", ", verdict.Matches)}");
                    }
                },
                time: seconds,
                threads: 1
            );
        Report();
    }

    /// <summary>Fails when nothing was tried: a class that takes nothing is proven easily.</summary>
    private void Report()
    {
        output.WriteLine($"{_samples} samples, {_fast} of them fast, each clean to the full rules");
        Assert.True(_fast > _samples / 20, $"Only {_fast} of {_samples} samples are in the fast class.");
    }

    private void ShouldBeClean(IEnumerable<string> memos)
    {
        string[] fast = [.. memos.Where(fixture.IsFast)];
        _samples += memos.Count();
        _fast += fast.Length;
        if (fast.Length == 0 || Inspect(fast).IsClean)
        {
            return;
        }
        foreach (var memo in fast)
        {
            var verdict = Inspect(memo);
            Assert.True(verdict.IsClean, $"\"{memo}\" ({Describe(memo)}): {string.Join(", ", verdict.Matches)}");
        }
    }

    private Verdict Inspect(params string[] memos)
    {
        // One memo stands where a memo stands, since exclusions name that place.
        var json = memos is [var memo]
            ? JsonSerializer.Serialize(new { memo }, Unescaped)
            : JsonSerializer.Serialize(new { memo = memos }, Unescaped);
        return fixture.Engine.Inspect((FastRequest.Send("") with { Json = json }).ToInspected());
    }

    private static readonly JsonSerializerOptions Unescaped = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string Describe(string memo) => string.Join(' ', memo.Select(c => $"{(int)c:x}"));

    /// <summary>Members of the class by its own definition, and some that one thing throws out.</summary>
    private Gen<FastRequest> Requests()
    {
        var id = FastGen.Id;
        var key = Gen.OneOf(id, _gen.Token);
        var amount = Gen.OneOf(Gen.Long[1, 999_999_999], Gen.OneOf(2147483647L, 4294967295L, 30_000L));
        var space = Gen.OneOf("", "", "", " ", "\n  ", "\t", "\r\n");
        var digits = Gen.Char['0', '9'].Array[8].Select(text => new string(text));
        var to = Gen.OneOf(
            digits.Select(text => $"\"phone\":\"+82{text}\""),
            digits.Select(text => $"\"phone\":\"010-{text[..4]}-{text[4..]}\""),
            digits.Select(text => $"\"accountNumber\":\"{text[..4]}-{text[4..]}-{text[..4]}\""),
            id.Select(text => $"\"accountId\":\"{text}\"")
        );
        var time = Gen.Select(Gen.Int[0, 59], Gen.OneOf("", ".5", ".123456"), (n, fraction) => $"2026-11-22T09:{n:D2}:00{fraction}Z");
        var fields = Gen.Select(
            Gen.Select(id, to, amount, _gen.Memo),
            Gen.Select(Gen.OneOf("KRW", "USD"), digits, Gen.Bool, time),
            (a, b) =>
                new[]
                {
                    $"\"fromAccountId\":\"{a.Item1}\"",
                    $"\"to\":{{{a.Item2}}}",
                    $"\"amount\":{a.Item3}",
                    $"\"currency\":\"{b.Item1}\"",
                    $"\"memo\":\"{a.Item4}\"",
                    $"\"pin\":\"{b.Item2[..6]}\"",
                    $"\"hold\":{(b.Item3 ? "true" : "false")}",
                    $"\"expiresAt\":\"{b.Item4}\"",
                }
        );
        var body = Gen.Select(
            fields,
            Gen.Int[0, 255],
            space,
            (all, mask, gap) => $"{{{gap}{string.Join($"{gap},", all.Where((_, i) => (mask & (1 << i)) != 0))}{gap}}}"
        );
        var send = Gen.Select(body, key, (json, text) => new FastRequest("SendMoney", "/v1/transfers", json, ("Idempotency-Key", text)));
        var query = Gen.Select(
            Gen.Select(Gen.Int[0, 999], _gen.Token, time, id),
            Gen.OneOf("in", "out"),
            Gen.OneOf("posted", "pending", "cancelled", "expired"),
            Gen.Int[0, 127],
            (a, direction, status, mask) =>
                string.Join(
                    '&',
                    new[]
                    {
                        $"limit={a.Item1}",
                        $"cursor={a.Item2}",
                        $"from={a.Item3}",
                        $"to={a.Item3}",
                        $"direction={direction}",
                        $"status={status}",
                        $"counterparty={a.Item4}",
                    }.Where((_, i) => (mask & (1 << i)) != 0)
                )
        );
        var page = Gen.Select(
            id,
            query,
            (account, text) =>
                new FastRequest("ListTransactions", $"/v1/accounts/{account}/transactions{(text.Length > 0 ? "?" : "")}{text}", "")
        );
        var token = _gen.Token.Select(text => text.PadRight(50, 'A')[..50]);
        var others = Gen.Select(
            id,
            token,
            _gen.Token,
            Gen.Int[0, 5],
            (account, consistency, server, way) =>
                way switch
                {
                    0 => new FastRequest("GetBalance", $"/v1/accounts/{account}/balance", "", ("QuickPay-Consistency", consistency)),
                    1 => new FastRequest("GetTransfer", $"/v1/transfers/{account}", "", ("Cookie", $"QuickPay-Consistency={consistency}")),
                    2 => new FastRequest("ListSessions", "/v1/sessions", "", ("Cookie", $"quickpay-server={server}")),
                    3 => new FastRequest(
                        "CancelTransfer",
                        $"/v1/transfers/{account}/cancel",
                        "{}",
                        ("Idempotency-Key", server),
                        ("X-Forwarded-For", "203.0.113.7, 2001:db8::1")
                    ),
                    4 => new FastRequest("GetRates", $"/v1/rates?base={(server.Length % 2 == 0 ? "KRW" : "USD")}", ""),
                    _ => new FastRequest("RefreshSession", "/v1/sessions/refresh", $$"""{"refreshToken":"{{consistency}}"}"""),
                }
        );
        return Gen.Frequency((4, send), (2, page), (2, others));
    }
}
