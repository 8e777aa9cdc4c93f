using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace QuickPay.IntegrationTests.Edge.Firewall;

/// <summary>
/// What members and the programs of members send: every call, every way to write an amount of it. Made from lists and counters, not
/// from chance, so that a request which is refused has a name.
/// </summary>
internal static class HonestRequests
{
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Names =
    [
        "김철수",
        "이영희",
        "박지성",
        "최민수",
        "정우성",
        "남궁민",
        "황보 혜정",
        "Kim Min-su",
        "O'Brien",
        "Sinéad O'Connor",
        "D'Angelo Russell",
        "Jean-Luc Picard",
        "José Núñez",
        "Łukasz Żak",
        "Müller",
        "Anne-Marie van der Berg",
        "Smith, John",
        "Martin Luther King Jr.",
        "Mary Ann",
        "李小龍",
        "山田太郎",
        "Nguyễn Văn An",
        "Zoë",
        "Selecta Union",
        "Drew Drop",
        "Cat Table",
        "Al-Farsi",
        "St. John",
        "N'Golo",
        "Ng",
        "Dr. Who",
        "Ivan Иванов",
        "Αλέξανδρος",
        "Björk Guðmundsdóttir",
        "Sleep Walker",
        "Exec Lee",
        "Ping Li",
        "Cat Stevens",
        "Time Kim",
        "Who",
        "Alert Kim",
        "Script Park",
        "Order Bychoi",
        "Null",
    ];

    private static readonly string[] Passwords =
    [
        "' or '1'='1",
        "<script>alert(1)</script>",
        "; drop table members; --",
        "$(cat /etc/passwd)",
        "../../../etc/passwd",
        "${jndi:ldap://x/y}",
        "p@$$w0rd';--",
        "correct horse battery staple",
        "비밀번호 123!",
        "\"quoted\" \\ back",
    ];

    private static readonly string[] KoreanWords =
    [
        "선물",
        "점심값",
        "저녁 식사",
        "커피",
        "월세",
        "관리비",
        "생일 축하",
        "축의금",
        "회비",
        "택시비",
        "여행 경비",
        "용돈",
        "학원비",
        "보증금",
        "간식",
        "영화표",
        "고마워요",
        "잘 먹었어요",
        "정산",
        "빌린 돈",
        "전기세",
        "통신비",
        "주차비",
        "세탁비",
        "책값",
        "꽃값",
        "과일",
        "떡값",
    ];

    /// <summary>How two words are put together in a memo.</summary>
    private static readonly string[] KoreanMemos =
    [
        "\"{0}\"",
        "'{0}'",
        "{0} \"{1}\"",
        "'{0}' {1}",
        "{0}: '{1}'",
        "{0}({1})",
        "{0}-{1}",
        "{0}/{1}",
        "{0} & {1}",
        "{0}; {1}",
        "{0} -- {1}",
        "#{0} #{1}",
        "{0}+{1}",
        "{0} 1/2",
        "{0}=30,000원",
        "<{0}>",
        "[{0}] {1}",
        "Kim's {0}",
        "{0} for O'Brien",
        "{0} ({1}) 50%",
        "11월 {0}; 12월 {1}",
        "{0} x 2",
    ];

    private static readonly string[] Currencies =
    [
        .. (
            "AED ALL AMD ANG ARS AUD AWG BAM BDT BOB BRL BTN BYN CAD CHF CLP CNY CRC CUP CVE CZK DKK DZD EGP EUR FJD GBP GEL GHS GMD HKD HNL "
            + "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KRW KWD KZT LBP LRD LYD MAD MDL MKD MNT MOP MXN MYR NGN NOK NPR NZD OMR PAB PEN "
            + "PHP PKR PLN PYG QAR RON RSD RUB SAR SEK SGD SLE SOS SYP THB TND TOP TRY TWD UAH USD UYU UZS VND XAF XOF YER ZAR ZMW"
        ).Split(' '),
    ];

    private static readonly string[] Agents =
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
        "Mozilla/5.0 (Linux; Android 15; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
        "QuickPay/3.1 (Android 15; ko-KR)",
        "QuickPay/3.1 CFNetwork/1568.200.51 Darwin/24.1.0",
        "curl/8.5.0",
        "okhttp/4.12.0",
        "python-requests/2.32.3",
        "axios/1.7.7",
        "Java/21.0.5",
        "Go-http-client/1.1",
        "PostmanRuntime/7.42.0",
        "hey/0.0.1",
        "k6/0.54.0 (https://k6.io/)",
    ];

    public static IEnumerable<CorpusRequest> All =>
        [
            .. Corpus.Lines("honest_memos").SelectMany(Memos),
            .. KoreanMemos.SelectMany(Korean),
            .. Names.SelectMany(SignUps),
            .. Passwords.SelectMany(Secrets),
            .. Agents.SelectMany(From),
            .. Enumerable.Range(1, 60).SelectMany(Reads),
            .. Enumerable.Range(1, 100).SelectMany(Transfers),
            .. Pages(),
        ];

    /// <summary>A memo as most programs write it, and as those do that write everything beyond ASCII as \u and a number.</summary>
    private static IEnumerable<CorpusRequest> Memos(string memo) =>
        [
            Post(
                "/v1/transfers",
                memo,
                JsonSerializer.Serialize(Corpus.Transfer(memo), Unescaped),
                ("Idempotency-Key", KeyOf(memo.Length))
            ),
            Corpus.Place("honest", Position.Memo, memo),
        ];

    private static IEnumerable<CorpusRequest> Korean(string memo) =>
        KoreanWords
            .Select((word, n) => string.Format(CultureInfo.InvariantCulture, memo, word, KoreanWords[(n + 5) % KoreanWords.Length]))
            .Select(text => Post("/v1/transfers", text, JsonSerializer.Serialize(Corpus.Transfer(text), Unescaped)));

    private static IEnumerable<CorpusRequest> SignUps(string name) =>
        [Corpus.Place("honest", Position.Name, name), Post("/v1/members", name, JsonSerializer.Serialize(Corpus.SignUp(name), Unescaped))];

    /// <summary>Whatever a secret looks like, it passes: see SecretFields.</summary>
    private static IEnumerable<CorpusRequest> Secrets(string secret) =>
        [
            Post(
                "/v1/sessions",
                secret,
                Corpus.Json(
                    new
                    {
                        phone = "+821012345678",
                        password = secret,
                        device = "Kim's phone",
                    }
                )
            ),
            Post("/v1/sessions/refresh", secret, Corpus.Json(new { refreshToken = secret })),
            Post("/v1/transfers/" + IdOf(7) + "/capture", secret, Corpus.Json(new { amount = 1, pin = secret })),
        ];

    private static IEnumerable<CorpusRequest> From(string agent) =>
        [
            Get("/v1/accounts", agent, ("User-Agent", agent), ("Accept", "*/*")),
            Post(
                "/v1/transfers",
                agent,
                Corpus.Json(Corpus.Transfer("점심값")),
                ("User-Agent", agent),
                ("Accept", "application/json, text/plain, */*"),
                ("Accept-Language", "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7"),
                ("Accept-Encoding", "gzip, deflate, br, zstd"),
                ("Origin", "https://app.quickpay.example"),
                ("Referer", "https://app.quickpay.example/send?to=%EA%B9%80"),
                ("Sec-Fetch-Mode", "cors"),
                ("Sec-Fetch-Site", "same-site"),
                ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                ("Idempotency-Key", KeyOf(agent.Length))
            ),
        ];

    private static IEnumerable<CorpusRequest> Reads(int n)
    {
        var cursor = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{IdOf(n)}|{n * 977}|posted"));
        (string, string)[] signedIn =
        [
            ("Authorization", $"Bearer {TokenOf(n)}"),
            ("QuickPay-Consistency", cursor),
            ("Cookie", $"quickpay-consistency={cursor}; quickpay-server=api-{n % 4}"),
        ];
        return
        [
            Get($"/v1/accounts/{IdOf(n)}/balance", "balance", signedIn),
            Get(
                $"/v1/accounts/{IdOf(n)}/transactions?limit={n % 100 + 1}&cursor={cursor}&from=2026-11-01T00:00:00Z&to=2026-11-{n % 28 + 1:D2}T09:30:00%2B09:00&direction={(n % 2 == 0 ? "in" : "out")}&status=posted",
                "history",
                signedIn
            ),
            Get(
                $"/v1/accounts/{IdOf(n)}/statement?from=2025-{n % 12 + 1:D2}-01T00:00:00%2B09:00&to=2026-11-{n % 28 + 1:D2}T00:00:00Z&format={(n % 2 == 0 ? "csv" : "html")}",
                "statement",
                [.. signedIn, ("Accept-Language", n % 3 == 0 ? "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7" : "en-GB,en;q=0.9")]
            ),
            Get($"/v1/accounts/{IdOf(n)}/transactions?counterparty=110-123-{n:D6}", "counterparty", signedIn),
            Get($"/v1/accounts/{IdOf(n)}/transactions?counterparty=%2B8210{n:D8}", "counterparty", signedIn),
            Get($"/v1/transfers/{IdOf(n)}", "transfer", signedIn),
            Get($"/v1/rates?base={Currencies[n % Currencies.Length]}", "rates", signedIn),
            Get($"/v1/statistics/me?month=2026-{n % 12 + 1:D2}", "statistics", signedIn),
            Get($"/v1/operator/statistics?from=2026-10-{n % 28 + 1:D2}&to=2026-11-{n % 28 + 1:D2}", "report", signedIn),
            Post("/v1/operator/sessions", "operator", Corpus.Json(new { name = $"park.{n}", password = "correct horse battery" })),
            Delete($"/v1/sessions/{IdOf(n)}", signedIn),
        ];
    }

    private static IEnumerable<CorpusRequest> Transfers(int n) =>
        [
            Post(
                "/v1/transfers",
                "transfer",
                Corpus.Json(
                    new
                    {
                        fromAccountId = IdOf(n),
                        to = new { accountNumber = $"110-{n:D3}-{n * 7919 % 1_000_000:D6}" },
                        amount = n * 1_117L,
                        currency = "KRW",
                        memo = $"{n}월 회비 {n * 1_000:N0}원; no. {n}/2026",
                        hold = n % 2 == 0,
                        expiresAt = $"2026-12-{n % 28 + 1:D2}T23:59:59+09:00",
                    }
                ),
                ("Authorization", $"Bearer {TokenOf(n)}"),
                ("Idempotency-Key", KeyOf(n))
            ),
            Post("/v1/transfers/" + IdOf(n) + "/cancel", "cancel", "", ("Idempotency-Key", IdOf(n)), ("Content-Length", "0")),
        ];

    private static IEnumerable<CorpusRequest> Pages() =>
        [
            Get("/openapi/v1.json", "page"),
            Get("/docs", "page", ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")),
            Get("/docs/scalar.js", "page"),
            Get("/docs/scalar.aspnetcore.js?v=2.19.0", "page"),
            Get("/.well-known/jwks.json", "page"),
            Get("/v1/members/me", "page"),
            Get("/v1/sessions", "page"),
            Delete("/v1/sessions/current"),
        ];

    private static string IdOf(int n) => $"01980a3e-{n * 31 % 65_536:x4}-7d21-9f44-{n * 7_919_000_017L % 281_474_976_710_656:x12}";

    /// <summary>Keys that programs make: UUIDs, counters, dates, Base64.</summary>
    private static string KeyOf(int n) =>
        (n % 4) switch
        {
            0 => IdOf(n),
            1 => $"order-{n}-attempt:1",
            2 => $"2026-11-23T12:{n % 60:D2}:00Z#{n}",
            _ => Convert.ToBase64String(Encoding.UTF8.GetBytes($"payment {n} of Kim")),
        };

    private static string TokenOf(int n)
    {
        var header = Base64Url.EncodeToString("""{"alg":"ES256","kid":"2026-11","typ":"at+jwt"}"""u8);
        var claims = Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes($$"""{"sub":"{{IdOf(n)}}","sid":"{{IdOf(n + 1)}}","exp":1795392000}""")
        );
        return $"{header}.{claims}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new string((char)('A' + n % 26), 64)))}";
    }

    private static CorpusRequest Get(string target, string what, params (string, string)[] headers) =>
        new("honest", Position.Query, what, "GET", target, Corpus.Common(headers), "");

    private static CorpusRequest Delete(string target, params (string, string)[] headers) =>
        new("honest", Position.PathId, "delete", "DELETE", target, Corpus.Common(headers), "");

    private static CorpusRequest Post(string target, string what, string json, params (string, string)[] headers) =>
        new("honest", Position.Memo, what, "POST", target, Corpus.Common(headers), json);
}
